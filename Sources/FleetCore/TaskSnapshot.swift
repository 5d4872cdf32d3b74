/// A task's rows as the workflow sees them: the task, the subtasks of its current plan, and the steps it waits for.
///
/// A task waits for at most one step of its own, and each subtask for at most one; the rows point at them. A step
/// that is terminal and still pointed at is an outcome the workflow has not applied yet. That makes advancing
/// repeatable: a lost wake-up is found again by looking at the rows.
public struct TaskSnapshot: Sendable {
    /// Locked while the workflow decides.
    public var task: TaskRecord
    /// In plan order.
    public var subtasks: [SubtaskRecord]
    /// The steps pointed at, by id.
    public var steps: [Int: StepRecord]

    /// A task without a plan, unless subtasks are given.
    public init(task: TaskRecord, subtasks: [SubtaskRecord] = [], steps: [Int: StepRecord] = [:]) {
        self.task = task
        self.subtasks = subtasks
        self.steps = steps
    }
}

/// The workflow's part of a row of `tasks`.
public struct TaskRecord: Sendable, Equatable {
    /// The task's; ids of its subtasks are made from it.
    public var id: String
    /// Its owner. The workflow decides nothing by it.
    public var userID: String
    /// As its owner wrote it; the template plan repeats it.
    public var title: String
    /// For the template plan only: the store loads it while the task is decomposed, otherwise it is empty.
    public var description: String
    /// Its steps are dispatched by it, except those of a revision that has its own.
    public var priority: Priority
    /// Changed by the workflow alone, and by a cancellation.
    public var state: WorkflowState
    /// In percent; falls only when a finished task starts again.
    public var progress: Int
    /// The task-level step it waits for.
    public var currentStepID: Int?
    /// The answer of the analysis; nil until there is one.
    public var analysis: TaskAnalysis?
    /// The specialists chosen for it.
    public var selection: [SelectedSpecialist]
    /// Number of its full plan: subtasks of other plans are history.
    public var planNumber: Int
    /// The largest number that any of its plans had. Numbers are not used again, also if the revision that made a plan
    /// was cancelled and the task went back to the plan before.
    public var lastPlanNumber: Int
    /// Plans that were asked for and did not compile, in this plan number.
    public var planRepairs: Int
    /// Final answers that the manager sent back, in this run.
    public var finalRevisions: Int
    /// Step of the analysis, which the prompts of planning and execution show; nil until there is one.
    public var analysisStepID: Int?
    /// Step of the latest aggregation; nil if there is none: synthesis then reads the solutions themselves.
    public var coordinationStepID: Int?
    /// Step of the latest final answer; nil until there is one. A revision of the full task forgets it.
    public var synthesisStepID: Int?
    /// The final review that sent the latest answer back; nil if none did in this run.
    public var finalReviewStepID: Int?
    /// Counts the final answers.
    public var answerVersion: Int
    /// The user's revision that is being worked on.
    public var revision: ActiveRevision?
    /// A finished task that its owner asked to continue.
    public var request: TaskRequest?
    /// What the result has to admit.
    public var limitations: [String]

    /// A task as it is handed in: pending, nothing planned.
    public init(id: String, userID: String, title: String, description: String, priority: Priority) {
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
public enum TaskRequest: Sendable, Equatable {
    /// Work on a row of `revisions`.
    case revise(ActiveRevision)
    /// Try the failed parts again.
    case retry
}

/// A user's revision request, and how far back it reaches once that is known.
public struct ActiveRevision: Sendable, Equatable {
    /// Of the row in `revisions`.
    public var id: String
    /// The user's words; prompts show them.
    public var request: String
    /// Parts of the answer that it is about; empty: all of it.
    public var areas: [String]
    /// Where the work starts again; nil until the user or the manager has said.
    public var scope: RevisionScope?
    /// Of the steps that are created while it is open; nil: the task's.
    public var priority: Priority?

    /// A request; without a scope the manager is asked for one.
    public init(
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
public enum RevisionScope: String, Sendable, CaseIterable {
    case fullTask = "full_task"
    case specificSubtasks = "specific_subtasks"
    case finalAnswer = "final_answer"
}

/// The workflow's part of a row of `subtasks`.
public struct SubtaskRecord: Sendable, Equatable {
    /// The `status` column; raw values are the specification's, and `cancelled` besides.
    public enum Status: String, Sendable, CaseIterable {
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
        public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    /// Made of the task's id, the plan's number and the place in the plan.
    public var id: String
    /// Name within the plan: `s1`.
    public var key: String
    /// Short name of the work, for events and limitations.
    public var title: String
    /// Agent type that solves it; another one after a failure or a rejection.
    public var specialist: String
    /// Keys of the subtasks that must be accepted first.
    public var dependencies: [String]
    /// Ids of the requirements that it serves; empty: all of them.
    public var covers: [String]
    /// As the manager gave it. Steps go by the task's priority.
    public var priority: Priority
    /// Solved by the models for complex work.
    public var isComplex: Bool
    /// Decides with `acceptance` whether dependents may start.
    public var status: Status
    /// Verdict of the latest review; `accepted` also when the best of several versions had to do.
    public var acceptance: ReviewVerdict?
    /// Accepted although below the bar, or never reviewed.
    public var isPartial: Bool
    /// Revision cycles used, at most ``WorkflowLimits/revisionCycles``.
    public var cycle: Int
    /// The step it waits for.
    public var currentStepID: Int?
    /// Executions so far: the version number of the latest solution.
    public var version: Int
    /// Execution step of the latest solution; nil until there is one.
    public var latestSolutionStepID: Int?
    /// Execution step of the best solution so far: what dependents and the final answer read.
    public var bestSolutionStepID: Int?
    /// Weighted score of that solution, 0 to 10; nil until one was reviewed in this run.
    public var bestScore: Double?
    /// The review of that solution; nil if it was never reviewed.
    public var bestReviewStepID: Int?
    /// The review that asked for the revision in progress.
    public var reviewStepID: Int?
    /// Reviews of this specialist's versions in this run, oldest first.
    public var reviewStepIDs: [Int]
    /// It was asked for a shorter version once, because the one before could not be reviewed whole.
    public var isShortened: Bool
    /// Specialists that gave up or were rejected.
    public var triedSpecialists: [String]
    /// Why it failed, for the limitations.
    public var failure: String?

    /// A subtask of a new plan: pending, nothing tried.
    public init(
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
    public var isAccepted: Bool { status == .completed && acceptance == .accepted }
}

/// A step that the task or one of its subtasks waits for.
public struct StepRecord: Sendable, Equatable {
    /// Of the row in `steps`; the task or a subtask points at it.
    public var id: Int
    /// What was asked; decides how its outcome is applied.
    public var kind: StepKind
    /// If it is terminal, its outcome has not been applied yet.
    public var state: StepState
    /// The validated answer of a manager's step, as JSON; other answers stay in `solutions`.
    public var output: JSONValue?
    /// Why it failed: safe to show.
    public var error: String?
    /// How the solution of an execution begins, at most ``previewLength`` characters; nil without a solution.
    public var preview: String?

    /// Characters of a solution that events show.
    public static let previewLength = 200

    /// All parts as they are stored.
    public init(
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
public enum StepFailureCode: String, Sendable, CaseIterable {
    /// A section that its manifest requires has no text behind it.
    case inputMissing = "input_missing"
    /// The sections that must not be cut do not fit any of the agent's models.
    case promptTooLarge = "prompt_too_large"
}

extension StepRecord {
    /// Whether the step failed for that reason.
    public func failed(as code: StepFailureCode) -> Bool {
        state == .failed && error?.hasPrefix("\(code.rawValue):") == true
    }
}

/// Bounds of the workflow.
public struct WorkflowLimits: Sendable {
    /// Revisions of a subtask, and of the final answer, before the best version so far has to do.
    public var revisionCycles = 2
    /// Plans that may be sent back before the template plan is used.
    public var planRepairs = 1
    /// Nodes that a plan may have.
    public var maximumSubtasks = 12
    /// Subtasks that the longest chain of dependencies may have.
    public var maximumDepth = 6

    /// The bounds that schedulers use.
    public init() {}
}
