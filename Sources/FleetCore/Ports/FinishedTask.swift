/// A task that an advance has ended.
package struct FinishedTask: Sendable, Equatable {
    package var status: TaskStatus
    package var priority: Priority
    /// Since its submission; nil if this was not its first run: the time between the runs is its owner's.
    package var age: Duration?

    package init(status: TaskStatus, priority: Priority, age: Duration?) {
        self.status = status
        self.priority = priority
        self.age = age
    }
}
