/// The metrics of a worker: its calls, its steps, its slots.
public struct ExecutionMeter: Sendable {
    /// Calls to models.
    public let calls: CallMeter
    /// No labels.
    public let claimed: Counter
    /// No labels.
    public let forgotten: Counter
    /// `kind`, `agent_type`, `outcome`.
    public let settled: Counter
    /// `kind`, `agent_type`.
    public let stale: Counter
    /// `kind`, `agent_type`, `reason`.
    public let retried: Counter
    /// `kind`, `agent_type`, `reason`.
    public let deadLettered: Counter
    /// `kind`.
    public let attempts: Histogram
    /// `agent_type`.
    public let scheduleToStart: Histogram
    /// `kind`.
    public let run: Histogram
    /// No labels.
    public let slotsBusy: Gauge
    /// No labels.
    public let slots: Gauge
    /// No labels; 0 or 1.
    public let draining: Gauge

    /// Registers the metrics, or finds them if they are.
    public init(_ registry: MetricsRegistry) {
        calls = CallMeter(registry)
        claimed = registry.counter(MetricNames.stepsClaimed)
        forgotten = registry.counter(MetricNames.ticketsForgotten)
        settled = registry.counter(MetricNames.stepsSettled)
        stale = registry.counter(MetricNames.settlementsStale)
        retried = registry.counter(MetricNames.stepsRetried)
        deadLettered = registry.counter(MetricNames.stepsDeadLettered)
        attempts = registry.histogram(MetricNames.stepAttempts)
        scheduleToStart = registry.histogram(MetricNames.stepScheduleToStart)
        run = registry.histogram(MetricNames.stepRun)
        slotsBusy = registry.gauge(MetricNames.workerSlotsBusy)
        slots = registry.gauge(MetricNames.workerSlots)
        draining = registry.gauge(MetricNames.workerDraining)
    }
}
