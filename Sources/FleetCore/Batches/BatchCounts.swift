/// A batch's tasks by what has become of them: each is counted once.
package struct BatchCounts: Sendable, Equatable {
    /// Not taken up yet.
    package var pending: Int
    /// Between that and their end, also for the second time.
    package var active: Int
    package var completed: Int
    package var partial: Int
    package var failed: Int
    package var cancelled: Int

    package init(
        pending: Int = 0, active: Int = 0, completed: Int = 0, partial: Int = 0, failed: Int = 0, cancelled: Int = 0
    ) {
        self.pending = pending
        self.active = active
        self.completed = completed
        self.partial = partial
        self.failed = failed
        self.cancelled = cancelled
    }

    package var ended: Int { completed + partial + failed + cancelled }
    /// What is still to be done.
    package var open: Int { pending + active }
    package var total: Int { open + ended }
}
