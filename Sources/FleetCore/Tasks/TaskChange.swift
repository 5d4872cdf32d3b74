/// What a request of its owner made of a task.
package struct TaskChange: Sendable, Equatable {
    /// How much of a task a cancellation ends.
    package enum Cancelled: String, Sendable {
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
    /// Of a task that this change has ended, when it was created, in microseconds since 1970-01-01 UTC; nil for other
    /// changes, and for one that had ended before.
    package var endedTaskOf: Int?
    /// Microseconds since 1970-01-01 UTC; nil if nothing is left to be done.
    package var estimatedCompletion: Int?
    /// What was written to the task's stream, to be announced; empty if nothing changed.
    package var events: [StoredTaskEvent]

    package init(
        taskID: String, status: TaskStatus, revisionID: String? = nil, cancelled: Cancelled? = nil,
        endedTaskOf: Int? = nil, estimatedCompletion: Int? = nil, events: [StoredTaskEvent] = []
    ) {
        self.taskID = taskID
        self.status = status
        self.revisionID = revisionID
        self.cancelled = cancelled
        self.endedTaskOf = endedTaskOf
        self.estimatedCompletion = estimatedCompletion
        self.events = events
    }
}
