/// A task that an advance has ended.
package struct FinishedTask: Sendable, Equatable {
    package var taskID: String
    package var status: TaskStatus
    package var priority: Priority
    /// Since its submission; nil if this was not its first run: the time between the runs is its owner's.
    package var age: Duration?
    /// In microseconds since 1970-01-01 UTC, by the database's clock; nil if this was not its first run.
    package var createdAt: Int?

    package init(taskID: String, status: TaskStatus, priority: Priority, age: Duration?, createdAt: Int?) {
        self.taskID = taskID
        self.status = status
        self.priority = priority
        self.age = age
        self.createdAt = createdAt
    }
}
