/// A task's rows as the workflow sees them: the task, the subtasks of its current plan, and the steps it waits for.
///
/// A task waits for at most one step of its own, and each subtask for at most one; the rows point at them. A step
/// that is terminal and still pointed at is an outcome the workflow has not applied yet. That makes advancing
/// repeatable: a lost wake-up is found again by looking at the rows.
public struct TaskSnapshot: Sendable {
    public var task: TaskRecord
    /// In plan order.
    public var subtasks: [SubtaskRecord]
    /// The steps pointed at, by id.
    public var steps: [Int: StepRecord]

    public init(task: TaskRecord, subtasks: [SubtaskRecord] = [], steps: [Int: StepRecord] = [:]) {
        self.task = task
        self.subtasks = subtasks
        self.steps = steps
    }
}

/// The workflow's part of a row of `tasks`.
public struct TaskRecord: Sendable, Equatable {
    public var id: String
    public var userID: String
    public var title: String
    public var description: String
    public var priority: Priority
    public var state: WorkflowState
    public var progress: Int
    /// The task-level step it waits for.
    public var currentStepID: Int?
    /// The answer of the analysis; nil until there is one.
    public var analysis: TaskAnalysis?
    /// The specialists chosen for it.
    public var selection: [SelectedSpecialist]
    /// Counts full plans: subtasks of earlier plans are history.
    public var planNumber: Int
    /// Plans that were asked for and did not compile, in this plan number.
    public var planRepairs: Int
    /// Final answers that the manager sent back, in this run.
    public var finalRevisions: Int
    /// Step ids of the answers that later prompts need.
    public var analysisStepID: Int?
    public var coordinationStepID: Int?
    public var synthesisStepID: Int?
    /// Counts the final answers.
    public var answerVersion: Int
    /// The user's revision that is being worked on.
    public var revision: ActiveRevision?
    /// A finished task that its owner asked to continue.
    public var request: TaskRequest?
    /// What the result has to admit.
    public var limitations: [String]

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
    public var id: String
    public var request: String
    public var areas: [String]
    public var scope: RevisionScope?

    public init(id: String, request: String, areas: [String] = [], scope: RevisionScope? = nil) {
        self.id = id
        self.request = request
        self.areas = areas
        self.scope = scope
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
    /// The `status` column; raw values are the specification's.
    public enum Status: String, Sendable, CaseIterable {
        case pending, assigned
        case inProgress = "in_progress"
        case completed, failed
        case needsRevision = "needs_revision"

        public var isTerminal: Bool { self == .completed || self == .failed }
    }

    public var id: String
    /// Name within the plan: `s1`.
    public var key: String
    public var title: String
    public var specialist: String
    /// Keys of the subtasks that must be accepted first.
    public var dependencies: [String]
    public var priority: Priority
    public var isComplex: Bool
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
    /// Execution steps whose answers are the latest and the best-reviewed solution.
    public var latestSolutionStepID: Int?
    public var bestSolutionStepID: Int?
    public var bestScore: Double?
    /// The review that asked for the revision in progress.
    public var reviewStepID: Int?
    /// Specialists that gave up or were rejected.
    public var triedSpecialists: [String]
    /// Why it failed, for the limitations.
    public var failure: String?

    public init(
        id: String, key: String, title: String, specialist: String, dependencies: [String] = [],
        priority: Priority = .medium, isComplex: Bool = false
    ) {
        self.id = id
        self.key = key
        self.title = title
        self.specialist = specialist
        self.dependencies = dependencies
        self.priority = priority
        self.isComplex = isComplex
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
    public var id: Int
    public var kind: StepKind
    public var state: StepState
    /// The validated answer of a manager's step, as JSON; other answers stay in `solutions`.
    public var output: JSONValue?
    /// Why it failed: safe to show.
    public var error: String?

    public init(id: Int, kind: StepKind, state: StepState, output: JSONValue? = nil, error: String? = nil) {
        self.id = id
        self.kind = kind
        self.state = state
        self.output = output
        self.error = error
    }
}

/// Bounds of the workflow.
public struct WorkflowLimits: Sendable {
    /// Revisions of a subtask, and of the final answer, before the best version so far has to do.
    public var revisionCycles = 2
    /// Plans that may be sent back before the template plan is used.
    public var planRepairs = 1
    public var maximumSubtasks = 12
    public var maximumDepth = 6

    public init() {}
}
