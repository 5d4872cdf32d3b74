/// The gateway's side of the rows: what owners of tasks may do and see.
///
/// `owner` limits what is visible: another user's task is `notFound`; nil sees every task. All methods throw
/// ``TaskRepositoryError``, and nothing is half-written if they do.
package protocol TaskRepository: Sendable {
    /// Whether the rows can be reached now.
    func check() async throws

    /// Writes new tasks, each with its first event, its wake-up and its place in its flow, all or none.
    ///
    /// - Returns: one result per task, in order.
    func submit(_ tasks: [NewTask]) async throws -> [SubmittedTask]

    func list(_ query: TaskQuery) async throws -> TaskPage

    func detail(of taskID: String, owner: String?) async throws -> TaskDetail

    /// The task with its newest final answer, if it has one.
    func result(of taskID: String, owner: String?) async throws -> (task: TaskSummary, answer: TaskAnswer?)

    /// What the task has cost and why: every call that was made for it.
    func receipt(of taskID: String, owner: String?) async throws -> TaskReceipt

    /// Stored events with a larger number than `after`, in order.
    func events(of taskID: String, owner: String?, after: Int, limit: Int) async throws -> [StoredEvent]

    /// Asks for a revision of a finished task.
    func revise(_ taskID: String, owner: String?, _ request: RevisionRequest) async throws -> TaskChange

    /// Asks for another try of the failed parts.
    func retry(_ taskID: String, owner: String?) async throws -> TaskChange

    /// Cancels an unfinished task; cancelling a cancelled one changes nothing. Of a task that has been finished before,
    /// only the revision or the retry is cancelled that is asked for or under way: the task is again what it was.
    func cancel(_ taskID: String, owner: String?) async throws -> TaskChange

    /// The agent types in use.
    func agentTypes() async throws -> [AgentTypeSummary]
}

/// A submission with the id and the owner it was given.
package struct NewTask: Sendable {
    /// Given before anything is written, so that a commit whose answer was lost can be tried again.
    package var id: String
    /// Its owner; the work of one user and batch shares the fleet fairly with that of others.
    package var userID: String
    /// Checked by ``TaskSubmission/validate(_:)``.
    package var submission: TaskSubmission

    /// Draws an id that nobody can guess, unless one is given.
    package init(id: String = RandomID.make("task_"), userID: String, submission: TaskSubmission) {
        self.id = id
        self.userID = userID
        self.submission = submission
    }
}

/// A task that is in the database. Times are microseconds since 1970-01-01 UTC.
package struct SubmittedTask: Sendable, Equatable {
    /// As in ``NewTask/id``.
    package var id: String
    /// The time of the transaction that wrote it.
    package var createdAt: Int
    /// A guess: what the last completed tasks have taken, from now.
    package var estimatedCompletion: Int

    package init(id: String, createdAt: Int, estimatedCompletion: Int) {
        self.id = id
        self.createdAt = createdAt
        self.estimatedCompletion = estimatedCompletion
    }
}

/// An event of a task's stream.
package struct StoredEvent: Sendable, Equatable {
    /// 1, 2, 3, ... without gaps.
    package var sequence: Int
    /// The event as JSON text.
    package var payload: String

    package init(sequence: Int, payload: String) {
        self.sequence = sequence
        self.payload = payload
    }
}

/// What a request of its owner made of a task.
package struct TaskChange: Sendable, Equatable {
    /// How much of a task a cancellation ends.
    package enum Cancelled: String, Sendable {
        /// All of it.
        case task
        /// A revision of a finished task, which is again what it was.
        case revision
        /// Another try of a finished task's failed parts: likewise.
        case retry
    }

    /// The task that was asked for.
    package var taskID: String
    /// After the change; a retry leaves it until the scheduler takes it up.
    package var status: TaskStatus
    /// Of the revision that was asked for or cancelled; nil for other changes.
    package var revisionID: String?
    /// What was cancelled; nil for other changes.
    package var cancelled: Cancelled?
    /// Microseconds since 1970-01-01 UTC; nil if nothing is left to be done.
    package var estimatedCompletion: Int?
    /// What was written to the task's stream, to be announced; empty if nothing changed.
    package var events: [StoredEvent]

    package init(
        taskID: String, status: TaskStatus, revisionID: String? = nil, cancelled: Cancelled? = nil,
        estimatedCompletion: Int? = nil, events: [StoredEvent] = []
    ) {
        self.taskID = taskID
        self.status = status
        self.revisionID = revisionID
        self.cancelled = cancelled
        self.estimatedCompletion = estimatedCompletion
        self.events = events
    }
}

/// An agent type as users see it.
package struct AgentTypeSummary: Sendable, Equatable {
    /// Name of the type; also the id of its agent.
    package var type: String
    /// An ``AgentRole``, as it is stored.
    package var role: String
    /// From the catalogue, for people who hand in tasks.
    package var description: String
    /// In snake_case, from the catalogue.
    package var capabilities: [String]

    package init(type: String, role: String, description: String, capabilities: [String]) {
        self.type = type
        self.role = role
        self.description = description
        self.capabilities = capabilities
    }
}
