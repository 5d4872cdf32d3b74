/// A task's rows as the workflow sees them: the task, the subtasks of its current plan, and the steps it waits for.
///
/// A task waits for at most one step of its own, and each subtask for at most one; the rows point at them. A step
/// that is terminal and still pointed at is an outcome the workflow has not applied yet. That makes advancing
/// repeatable: a lost wake-up is found again by looking at the rows.
package struct TaskSnapshot: Sendable {
    /// Locked while the workflow decides.
    package var task: TaskRecord
    /// In plan order.
    package var subtasks: [SubtaskRecord]
    /// The steps pointed at, by id.
    package var steps: [Int: StepRecord]

    /// A task without a plan, unless subtasks are given.
    package init(task: TaskRecord, subtasks: [SubtaskRecord] = [], steps: [Int: StepRecord] = [:]) {
        self.task = task
        self.subtasks = subtasks
        self.steps = steps
    }
}

/// The workflow's part of a row of `tasks`.
package struct TaskRecord: Sendable, Equatable {
    /// The task's; ids of its subtasks are made from it.
    package var id: String
    /// Its owner. The workflow decides nothing by it.
    package var userID: String
    /// As its owner wrote it; the template plan repeats it.
    package var title: String
    /// For the template plan only: the store loads it while the task is decomposed, otherwise it is empty.
    package var description: String
    /// Its steps are dispatched by it, except those of a revision that has its own.
    package var priority: Priority
    /// Changed by the workflow alone, and by a cancellation.
    package var state: WorkflowState
    /// In percent; falls only when a finished task starts again.
    package var progress: Int
    /// The task-level step it waits for.
    package var currentStepID: Int?
    /// The answer of the analysis; nil until there is one.
    package var analysis: TaskAnalysis?
    /// The specialists chosen for it.
    package var selection: [SelectedSpecialist]
    /// Number of its full plan: subtasks of other plans are history.
    package var planNumber: Int
    /// The largest number that any of its plans had. Numbers are not used again, also if the revision that made a plan
    /// was cancelled and the task went back to the plan before.
    package var lastPlanNumber: Int
    /// Plans that were asked for and did not compile, in this plan number.
    package var planRepairs: Int
    /// Final answers that the manager sent back, in this run.
    package var finalRevisions: Int
    /// Step of the analysis, which the prompts of planning and execution show; nil until there is one.
    package var analysisStepID: Int?
    /// Step of the latest aggregation; nil if there is none: synthesis then reads the solutions themselves.
    package var coordinationStepID: Int?
    /// Step of the latest final answer; nil until there is one. A revision of the full task forgets it.
    package var synthesisStepID: Int?
    /// The final review that sent the latest answer back; nil if none did in this run.
    package var finalReviewStepID: Int?
    /// Counts the final answers.
    package var answerVersion: Int
    /// The user's revision that is being worked on.
    package var revision: ActiveRevision?
    /// A finished task that its owner asked to continue.
    package var request: TaskRequest?
    /// What the result has to admit.
    package var limitations: [String]

    /// A task as it is handed in: pending, nothing planned.
    package init(id: String, userID: String, title: String, description: String, priority: Priority) {
        self.id = id
        self.userID = userID
        self.title = title
        self.description = description
        self.priority = priority
        state = .pending
        progress = 0
        selection = []
        planNumber = 0
        lastPlanNumber = 0
        planRepairs = 0
        finalRevisions = 0
        answerVersion = 0
        limitations = []
    }
}

/// What the owner of a finished task asked for.
package enum TaskRequest: Sendable, Equatable {
    /// Work on a row of `revisions`.
    case revise(ActiveRevision)
    /// Try the failed parts again.
    case retry
}

/// A user's revision request, and how far back it reaches once that is known.
package struct ActiveRevision: Sendable, Equatable {
    package var id: String
    /// The user's words; prompts show them.
    package var request: String
    /// Parts of the answer that it is about; empty: all of it.
    package var areas: [String]
    /// Where the work starts again; nil until the user or the manager has said.
    package var scope: RevisionScope?
    /// Of the steps that are created while it is open; nil: the task's.
    package var priority: Priority?

    /// A request; without a scope the manager is asked for one.
    package init(
        id: String, request: String, areas: [String] = [], scope: RevisionScope? = nil, priority: Priority? = nil
    ) {
        self.id = id
        self.request = request
        self.areas = areas
        self.scope = scope
        self.priority = priority
    }
}

/// Where a revision starts again; raw values are those of the revision_scoping schema.
package enum RevisionScope: String, Sendable, CaseIterable {
    case fullTask = "full_task"
    case specificSubtasks = "specific_subtasks"
    case finalAnswer = "final_answer"
}

/// The workflow's part of a row of `subtasks`.
package struct SubtaskRecord: Sendable, Equatable {
    /// The `status` column; raw values are the specification's, and `cancelled` besides.
    package enum Status: String, Sendable, CaseIterable {
        /// Waits for the subtasks it depends on.
        case pending
        /// Its first execution is asked for; no worker has taken it yet.
        case assigned
        /// A worker has taken its execution, or its solution is under review: its open step says which.
        case inProgress = "in_progress"
        case completed, failed
        /// Sent back or opened again; no worker has taken the next execution yet.
        case needsRevision = "needs_revision"
        /// Its task was cancelled, or the revision whose plan it belongs to, before it was settled.
        case cancelled

        /// Settled until a revision or a retry opens it again.
        package var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    /// Made of the task's id, the plan's number and the place in the plan.
    package var id: String
    /// Name within the plan: `s1`.
    package var key: String
    /// Short name of the work, for events and limitations.
    package var title: String
    /// Agent type that solves it; another one after a failure or a rejection.
    package var specialist: String
    /// Keys of the subtasks that must be accepted first.
    package var dependencies: [String]
    /// Ids of the requirements that it serves; empty: all of them.
    package var covers: [String]
    /// As the manager gave it. Steps go by the task's priority.
    package var priority: Priority
    /// Solved by the models for complex work.
    package var isComplex: Bool
    /// Decides with `acceptance` whether dependents may start.
    package var status: Status
    /// Verdict of the latest review; `accepted` also when the best of several versions had to do.
    package var acceptance: ReviewVerdict?
    /// Accepted although below the bar, or never reviewed.
    package var isPartial: Bool
    /// Revision cycles used, at most ``WorkflowLimits/revisionCycles``.
    package var cycle: Int
    /// The step it waits for.
    package var currentStepID: Int?
    /// Executions so far: the version number of the latest solution.
    package var version: Int
    /// Execution step of the latest solution; nil until there is one.
    package var latestSolutionStepID: Int?
    /// Execution step of the best solution so far: what dependents and the final answer read.
    package var bestSolutionStepID: Int?
    /// Weighted score of that solution, 0 to 10; nil until one was reviewed in this run.
    package var bestScore: Double?
    /// The review of that solution; nil if it was never reviewed.
    package var bestReviewStepID: Int?
    /// The review that asked for the revision in progress.
    package var reviewStepID: Int?
    /// Reviews of this specialist's versions in this run, oldest first.
    package var reviewStepIDs: [Int]
    /// It was asked for a shorter version once, because the one before could not be reviewed whole.
    package var isShortened: Bool
    /// Specialists that gave up or were rejected.
    package var triedSpecialists: [String]
    /// Why it failed, for the limitations.
    package var failure: String?

    /// A subtask of a new plan: pending, nothing tried.
    package init(
        id: String, key: String, title: String, specialist: String, dependencies: [String] = [],
        covers: [String] = [], priority: Priority = .medium, isComplex: Bool = false
    ) {
        self.id = id
        self.key = key
        self.title = title
        self.specialist = specialist
        self.dependencies = dependencies
        self.covers = covers
        self.priority = priority
        self.isComplex = isComplex
        reviewStepIDs = []
        isShortened = false
        status = .pending
        isPartial = false
        cycle = 0
        version = 0
        triedSpecialists = []
    }

    /// It has a solution that may be used.
    package var isAccepted: Bool { status == .completed && acceptance == .accepted }
}

/// A step that the task or one of its subtasks waits for.
package struct StepRecord: Sendable, Equatable {
    /// Of the row in `steps`; the task or a subtask points at it.
    package var id: Int
    /// What was asked; decides how its outcome is applied.
    package var kind: StepKind
    /// If it is terminal, its outcome has not been applied yet.
    package var state: StepState
    /// The validated answer of a manager's step, as JSON; other answers stay in `solutions`.
    package var output: JSONValue?
    /// Why it failed: safe to show.
    package var error: String?
    /// How the solution of an execution begins, at most ``previewLength`` characters; nil without a solution.
    package var preview: String?

    /// Characters of a solution that events show.
    package static let previewLength = 200

    package init(
        id: Int, kind: StepKind, state: StepState, output: JSONValue? = nil, error: String? = nil,
        preview: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.output = output
        self.error = error
        self.preview = preview
    }
}

/// Why a step failed, where the workflow has an answer to it. The raw value begins the step's error.
package enum StepFailureCode: String, Sendable, CaseIterable {
    /// A section that its manifest requires has no text behind it.
    case inputMissing = "input_missing"
    /// The sections that must not be cut do not fit any of the agent's models.
    case promptTooLarge = "prompt_too_large"
}

extension StepRecord {
    /// Whether the step failed for that reason.
    package func failed(as code: StepFailureCode) -> Bool {
        state == .failed && error?.hasPrefix("\(code.rawValue):") == true
    }
}

/// Bounds of the workflow.
package struct WorkflowLimits: Sendable {
    /// Revisions of a subtask, and of the final answer, before the best version so far has to do.
    package var revisionCycles = 2
    /// Plans that may be sent back before the template plan is used.
    package var planRepairs = 1
    /// Nodes that a plan may have.
    package var maximumSubtasks = 12
    /// Subtasks that the longest chain of dependencies may have.
    package var maximumDepth = 6

    /// The bounds that schedulers use.
    package init() {}
}
