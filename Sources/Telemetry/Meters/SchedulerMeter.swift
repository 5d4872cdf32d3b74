/// The metrics of a scheduler.
public struct SchedulerMeter: Sendable {
    /// `status`.
    public let tasksFinished: Counter
    /// `status`.
    public let taskDuration: Histogram
    /// No labels.
    public let tasksAdvanced: Counter
    /// No labels.
    public let stepsCreated: Counter
    /// No labels.
    public let advanceDuration: Histogram
    /// No labels.
    public let ticketsDispatched: Counter
    /// No labels.
    public let ticketsRefused: Counter
    /// No labels.
    public let dispatchDuration: Histogram
    /// `reason`: taken_over, quarantined, reissued, woken_up.
    public let recovered: Counter
    /// `queue`.
    public let deadTickets: Counter
    /// `agent_type`, `state`.
    public let queueSteps: Gauge
    /// `agent_type`.
    public let queueOldestAge: Gauge
    /// No labels.
    public let outboxLag: Gauge

    /// Registers the metrics, or finds them if they are.
    public init(_ registry: MetricsRegistry) {
        tasksFinished = registry.counter(MetricNames.tasksFinished)
        taskDuration = registry.histogram(MetricNames.taskDuration)
        tasksAdvanced = registry.counter(MetricNames.tasksAdvanced)
        stepsCreated = registry.counter(MetricNames.stepsCreated)
        advanceDuration = registry.histogram(MetricNames.advanceDuration)
        ticketsDispatched = registry.counter(MetricNames.ticketsDispatched)
        ticketsRefused = registry.counter(MetricNames.ticketsRefused)
        dispatchDuration = registry.histogram(MetricNames.dispatchDuration)
        recovered = registry.counter(MetricNames.recovered)
        deadTickets = registry.counter(MetricNames.deadTickets)
        queueSteps = registry.gauge(MetricNames.queueSteps)
        queueOldestAge = registry.gauge(MetricNames.queueOldestAge)
        outboxLag = registry.gauge(MetricNames.outboxLag)
    }
}
