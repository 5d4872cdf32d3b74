/// A task as lists show it. Times are microseconds since 1970-01-01 UTC.
public struct TaskSummary: Sendable, Equatable {
    public var id: String
    public var userID: String
    public var title: String
    public var status: TaskStatus
    public var priority: Priority
    public var progress: Int
    public var stage: String
    public var batch: String?
    public var createdAt: Int
    public var updatedAt: Int
    public var completedAt: Int?
    public var estimatedCompletion: Int?
    /// What the result has to admit.
    public var limitations: [String]
    /// Why it failed.
    public var failure: String?

    public init(
        id: String, userID: String, title: String, status: TaskStatus, priority: Priority, progress: Int,
        stage: String, batch: String?, createdAt: Int, updatedAt: Int, completedAt: Int?, estimatedCompletion: Int?,
        limitations: [String], failure: String?
    ) {
        self.id = id
        self.userID = userID
        self.title = title
        self.status = status
        self.priority = priority
        self.progress = progress
        self.stage = stage
        self.batch = batch
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.completedAt = completedAt
        self.estimatedCompletion = estimatedCompletion
        self.limitations = limitations
        self.failure = failure
    }
}

/// Everything about one task that its owner may see at a glance.
public struct TaskDetail: Sendable {
    public var summary: TaskSummary
    public var description: String
    public var context: JSONValue?
    public var isRetryRequested: Bool
    public var activeRevisionID: String?
    /// What its calls have cost so far, in USD, six decimals.
    public var costUSD: String
    /// The subtasks of the current plan, in its order.
    public var subtasks: [SubtaskSummary]
    /// Steps that wait or run.
    public var openSteps: [OpenStep]
    /// The newest final answer.
    public var answer: TaskAnswer?

    public init(
        summary: TaskSummary, description: String, context: JSONValue?, isRetryRequested: Bool,
        activeRevisionID: String?, costUSD: String, subtasks: [SubtaskSummary], openSteps: [OpenStep],
        answer: TaskAnswer?
    ) {
        self.summary = summary
        self.description = description
        self.context = context
        self.isRetryRequested = isRetryRequested
        self.activeRevisionID = activeRevisionID
        self.costUSD = costUSD
        self.subtasks = subtasks
        self.openSteps = openSteps
        self.answer = answer
    }
}

/// A subtask of the current plan.
public struct SubtaskSummary: Sendable, Equatable {
    public var id: String
    public var title: String
    public var specialist: String?
    public var status: SubtaskRecord.Status
    public var acceptance: ReviewVerdict?
    /// Ids of the subtasks that must be accepted first.
    public var dependencies: [String]
    /// The best reviewed version's score.
    public var score: Double?
    public var isPartial: Bool
    public var failure: String?

    public init(
        id: String, title: String, specialist: String?, status: SubtaskRecord.Status, acceptance: ReviewVerdict?,
        dependencies: [String], score: Double?, isPartial: Bool, failure: String?
    ) {
        self.id = id
        self.title = title
        self.specialist = specialist
        self.status = status
        self.acceptance = acceptance
        self.dependencies = dependencies
        self.score = score
        self.isPartial = isPartial
        self.failure = failure
    }
}

/// A step that is not finished.
public struct OpenStep: Sendable, Equatable {
    public var id: Int
    public var kind: StepKind
    public var agentType: String
    public var subtaskID: String?
    public var state: StepState
    public var attempt: Int
    /// Why a parked step waits.
    public var waitReason: String?
    /// Until when it waits, microseconds since 1970-01-01 UTC.
    public var notBefore: Int?

    public init(
        id: Int, kind: StepKind, agentType: String, subtaskID: String?, state: StepState, attempt: Int,
        waitReason: String?, notBefore: Int?
    ) {
        self.id = id
        self.kind = kind
        self.agentType = agentType
        self.subtaskID = subtaskID
        self.state = state
        self.attempt = attempt
        self.waitReason = waitReason
        self.notBefore = notBefore
    }
}

/// A final answer as it is stored.
public struct TaskAnswer: Sendable, Equatable {
    /// The synthesis as JSON text, or Markdown.
    public var content: String
    public var metadata: JSONValue
    public var version: Int

    public init(content: String, metadata: JSONValue, version: Int) {
        self.content = content
        self.metadata = metadata
        self.version = version
    }
}
