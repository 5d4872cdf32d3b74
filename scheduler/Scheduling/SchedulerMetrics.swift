public import FleetCore

/// What the scheduler counts; the process decides where it goes.
public protocol SchedulerMetrics: Sendable {
    func advanced(tasks: Int, newSteps: Int, duration: Duration)
    func finished(_ status: TaskStatus)
    func dispatched(_ count: Int, refused: Int, duration: Duration)
    func swept(_ report: SweepReport)
    func load(_ queues: [QueueLoad])
    func deadTicket(queue: String)
}

/// Counts nothing: for simulations.
public struct NoSchedulerMetrics: SchedulerMetrics {
    public init() {}

    public func advanced(tasks: Int, newSteps: Int, duration: Duration) {}
    public func finished(_ status: TaskStatus) {}
    public func dispatched(_ count: Int, refused: Int, duration: Duration) {}
    public func swept(_ report: SweepReport) {}
    public func load(_ queues: [QueueLoad]) {}
    public func deadTicket(queue: String) {}
}
