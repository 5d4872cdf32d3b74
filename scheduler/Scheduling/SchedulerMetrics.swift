package import FleetCore

/// What the scheduler counts; the process decides where it goes.
package protocol SchedulerMetrics: Sendable {
    func advanced(tasks: Int, newSteps: Int, duration: Duration)
    func finished(_ status: TaskStatus)
    func dispatched(_ count: Int, refused: Int, duration: Duration)
    func swept(_ report: SweepReport)
    func load(_ queues: [QueueLoad])
    func deadTicket(queue: String)
}

/// Counts nothing: for simulations.
package struct NoSchedulerMetrics: SchedulerMetrics {
    package init() {}

    /// Ignores what one batch of advances did, and how long it took.
    package func advanced(tasks: Int, newSteps: Int, duration: Duration) {}
    /// Ignores the status that a task ended with.
    package func finished(_ status: TaskStatus) {}
    /// Ignores how many tickets the broker took and refused, and how long it took.
    package func dispatched(_ count: Int, refused: Int, duration: Duration) {}
    /// Ignores what a sweep gave back.
    package func swept(_ report: SweepReport) {}
    /// Ignores the open steps per agent type and state, told before each sweep.
    package func load(_ queues: [QueueLoad]) {}
    /// Ignores a ticket that came out of a dead-letter queue.
    package func deadTicket(queue: String) {}
}
