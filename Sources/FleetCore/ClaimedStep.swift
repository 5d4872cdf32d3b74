/// What a worker asks for: the step of a ticket.
public struct ClaimRequest: Sendable {
    /// Of the row in `steps`, as the ticket names it.
    public var stepID: Int
    /// The broker delivered this ticket before: its first consumer may have died.
    public var isRedelivered: Bool

    /// Made of a ticket as it was received.
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
    /// Of the row in `steps`; the settlement names it.
    public var stepID: Int
    /// Fences every later write (I3).
    public var attempt: Int
    /// What is asked; chooses prompt, schema and how the answer is read.
    public var kind: StepKind
    /// Whose prompts, models and deadline apply.
    public var agentType: String
    /// The task it belongs to: for the prompt and the ledger.
    public var taskID: String
    /// The subtask to solve or to review; nil for a step of the task as a whole.
    public var subtaskID: String?
    /// Failures so far that count against the retries.
    public var failures: Int
    /// Rate limits met so far, which do not.
    public var throttles: Int
    /// It waited for a reserved rate-limit slot and that slot has come.
    public var holdsSlot: Bool
    /// Which of the texts in `material` the prompt shows, and as what.
    public var input: StepInput
    /// Loaded with the claim: running the step reads no more rows.
    public var material: PromptMaterial

    /// All parts as they were read with the claim.
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
    /// A subtask as prompts show it.
    public struct Subtask: Sendable {
        /// Of the row in `subtasks`; a solution names it.
        public var id: String
        /// Name within the plan (`s1`): what prompts and answers call it.
        public var key: String
        /// Agent type that solves it; empty if that type's row is gone.
        public var specialist: String
        /// Short name of the work.
        public var title: String
        /// The manager's instructions, complete by themselves.
        public var description: String
        /// The expected result and its form; may be empty.
        public var deliverable: String

        /// All parts as they are stored.
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

    /// The text of an execution, a coordination or a synthesis.
    public struct Solution: Sendable {
        /// Whose solution it is; nil for a coordination or a synthesis.
        public var subtaskID: String?
        /// A specialist's text; for the other kinds the whole answer as JSON text.
        public var content: String

        /// All parts as they are stored.
        public init(subtaskID: String?, content: String) {
            self.subtaskID = subtaskID
            self.content = content
        }
    }

    /// As its owner wrote it; every prompt begins with it.
    public var taskTitle: String
    /// As its owner wrote it: 20 to 10,000 characters.
    public var taskDescription: String
    /// The object that its owner added, as JSON text; nil if there is none.
    public var taskContext: String?
    /// Subtasks of the task's current plan, in order.
    public var subtasks: [Subtask]
    /// Solutions by the step that wrote them.
    public var solutions: [Int: Solution]
    /// Managers' answers, JSON text, by step.
    public var results: [Int: String]

    /// The task alone; subtasks, solutions and results are added as the step refers to them.
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
