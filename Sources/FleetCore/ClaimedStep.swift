/// What a worker asks for: the step of a ticket.
public struct ClaimRequest: Sendable {
    public var stepID: Int
    /// The broker delivered this ticket before: its first consumer may have died.
    public var isRedelivered: Bool

    public init(stepID: Int, isRedelivered: Bool) {
        self.stepID = stepID
        self.isRedelivered = isRedelivered
    }
}

/// What became of a claim.
public enum ClaimResult: Sendable {
    case claimed(ClaimedStep)
    /// Not claimable: done, cancelled, parked, or held by a live worker. The ticket can be forgotten.
    case notClaimable
    /// Running at a worker that may be dead: ask again in a moment. The number changes with its heartbeats.
    case heldByQuietWorker(lastHeartbeat: Int)
}

/// A step under this worker's lease, with everything its prompt is made of.
public struct ClaimedStep: Sendable {
    public var stepID: Int
    /// Fences every later write (I3).
    public var attempt: Int
    public var kind: StepKind
    public var agentType: String
    public var taskID: String
    public var subtaskID: String?
    /// Failures so far that count against the retries.
    public var failures: Int
    /// Rate limits met so far, which do not.
    public var throttles: Int
    /// It waited for a reserved rate-limit slot and that slot has come.
    public var holdsSlot: Bool
    public var input: StepInput
    public var material: PromptMaterial

    public init(
        stepID: Int, attempt: Int, kind: StepKind, agentType: String, taskID: String, subtaskID: String?,
        failures: Int, throttles: Int, holdsSlot: Bool, input: StepInput, material: PromptMaterial
    ) {
        self.stepID = stepID
        self.attempt = attempt
        self.kind = kind
        self.agentType = agentType
        self.taskID = taskID
        self.subtaskID = subtaskID
        self.failures = failures
        self.throttles = throttles
        self.holdsSlot = holdsSlot
        self.input = input
        self.material = material
    }
}

/// The texts behind a step's references.
public struct PromptMaterial: Sendable {
    public struct Subtask: Sendable {
        public var id: String
        public var key: String
        public var specialist: String
        public var title: String
        public var description: String
        public var deliverable: String

        public init(
            id: String, key: String, specialist: String, title: String, description: String, deliverable: String
        ) {
            self.id = id
            self.key = key
            self.specialist = specialist
            self.title = title
            self.description = description
            self.deliverable = deliverable
        }
    }

    public struct Solution: Sendable {
        public var subtaskID: String?
        public var content: String

        public init(subtaskID: String?, content: String) {
            self.subtaskID = subtaskID
            self.content = content
        }
    }

    public var taskTitle: String
    public var taskDescription: String
    /// JSON text.
    public var taskContext: String?
    /// Subtasks of the task's current plan, in order.
    public var subtasks: [Subtask]
    /// Solutions by the step that wrote them.
    public var solutions: [Int: Solution]
    /// Managers' answers, JSON text, by step.
    public var results: [Int: String]

    public init(
        taskTitle: String, taskDescription: String, taskContext: String?, subtasks: [Subtask] = [],
        solutions: [Int: Solution] = [:], results: [Int: String] = [:]
    ) {
        self.taskTitle = taskTitle
        self.taskDescription = taskDescription
        self.taskContext = taskContext
        self.subtasks = subtasks
        self.solutions = solutions
        self.results = results
    }
}
