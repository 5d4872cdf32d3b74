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
