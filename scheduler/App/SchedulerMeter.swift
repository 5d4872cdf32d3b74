import FleetCore
import Scheduling
import Telemetry

/// Counts what schedulers do.
struct SchedulerMeter: SchedulerMetrics {
    private let tasksAdvanced: Counter
    private let stepsCreated: Counter
    private let advanceDuration: Histogram
    private let tasksFinished: Counter
    private let ticketsDispatched: Counter
    private let ticketsRefused: Counter
    private let dispatchDuration: Histogram
    private let recovered: Counter
    private let queueSteps: Gauge
    private let deadTickets: Counter

    init(registry: MetricsRegistry) {
        tasksAdvanced = registry.counter(MetricNames.tasksAdvanced)
        stepsCreated = registry.counter(MetricNames.stepsCreated)
        advanceDuration = registry.histogram(MetricNames.advanceDuration)
        tasksFinished = registry.counter(MetricNames.tasksFinished)
        ticketsDispatched = registry.counter(MetricNames.ticketsDispatched)
        ticketsRefused = registry.counter(MetricNames.ticketsRefused)
        dispatchDuration = registry.histogram(MetricNames.dispatchDuration)
        recovered = registry.counter(MetricNames.recovered)
        queueSteps = registry.gauge(MetricNames.queueSteps)
        deadTickets = registry.counter(MetricNames.deadTickets)
    }

    func advanced(tasks: Int, newSteps: Int, duration: Duration) {
        tasksAdvanced.with().increment(by: tasks)
        stepsCreated.with().increment(by: newSteps)
        advanceDuration.with().observe(duration)
    }

    func finished(_ status: TaskStatus) { tasksFinished.with(status.rawValue).increment() }

    func dispatched(_ count: Int, refused: Int, duration: Duration) {
        ticketsDispatched.with().increment(by: count)
        ticketsRefused.with().increment(by: refused)
        dispatchDuration.with().observe(duration)
    }

    func swept(_ report: SweepReport) {
        for (reason, count) in [
            ("taken_over", report.takenOver), ("dead", report.dead), ("reissued", report.reissued),
            ("woken_up", report.wokenUp),
        ] where count > 0 {
            recovered.with(reason).increment(by: count)
        }
    }

    func load(_ queues: [QueueLoad]) {
        queueSteps.replaceAll(
            Dictionary(
                queues.map { ([$0.agentType, $0.state.rawValue], Double($0.steps)) },
                uniquingKeysWith: { first, _ in first }))
    }

    func deadTicket(queue: String) { deadTickets.with(queue).increment() }
}
