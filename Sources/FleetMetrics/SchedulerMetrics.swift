package import CoreMetrics
package import FleetCore
import Synchronization

/// What schedulers record.
package struct SchedulerMetrics: Sendable {
    /// Records nothing.
    package static let none = SchedulerMetrics(NOOPMetricsHandler.instance)

    private let agentTypes: Set<String>?
    private let completionTime: HistogramFamily
    private let successRate: GaugeFamily
    private let endings = Endings()
    private let finished: CounterFamily
    private let admitted: CounterFamily
    private let stalled: CounterFamily
    private let advancedTasks: CounterFamily
    private let postponed: CounterFamily
    private let stepsCreated: CounterFamily
    private let advanceDuration: HistogramFamily
    private let dispatched: CounterFamily
    private let refused: CounterFamily
    private let dispatchDuration: HistogramFamily
    private let released: CounterFamily
    private let recovered: CounterFamily
    private let sweeps: CounterFamily
    private let sweepDuration: HistogramFamily
    private let failures: CounterFamily
    private let dutyAge: GaugeFamily
    private let queueSteps: GaugeFamily
    private let queueMessages: GaugeFamily
    private let deadTickets: CounterFamily
    private let replays: CounterFamily
    private let announced: CounterFamily
    private let unannounced: CounterFamily
    private let eventLag: HistogramFamily

    /// - Parameter agentTypes: the catalogue's; others are counted as `other`. Nil: all are known.
    package init(_ factory: any MetricsFactory, agentTypes: Set<String>? = nil) {
        self.agentTypes = agentTypes
        completionTime = HistogramFamily(MetricNames.completionTime, factory)
        successRate = GaugeFamily(MetricNames.successRate, factory, isOptional: true)
        finished = CounterFamily(
            MetricNames.tasksFinished, factory,
            known: [TaskStatus.completed, .partialCompletion, .failed, .cancelled].map { LabelValues($0.rawValue) })
        admitted = CounterFamily(MetricNames.tasksAdmitted, factory)
        stalled = CounterFamily(MetricNames.tasksStalled, factory)
        advancedTasks = CounterFamily(MetricNames.tasksAdvanced, factory)
        postponed = CounterFamily(MetricNames.tasksPostponed, factory)
        stepsCreated = CounterFamily(MetricNames.stepsCreated, factory)
        advanceDuration = HistogramFamily(MetricNames.advanceDuration, factory)
        dispatched = CounterFamily(MetricNames.ticketsDispatched, factory)
        refused = CounterFamily(MetricNames.ticketsRefused, factory)
        dispatchDuration = HistogramFamily(MetricNames.dispatchDuration, factory)
        released = CounterFamily(MetricNames.released, factory)
        recovered = CounterFamily(
            MetricNames.recovered, factory,
            known: Self.found(SweepReport()).map { LabelValues($0.reason) })
        sweeps = CounterFamily(MetricNames.sweeps, factory)
        sweepDuration = HistogramFamily(MetricNames.sweepDuration, factory)
        failures = CounterFamily(
            MetricNames.failures, factory, known: SchedulerDuty.allCases.map { LabelValues($0.rawValue) })
        dutyAge = GaugeFamily(MetricNames.dutyAge, factory)
        queueSteps = GaugeFamily(MetricNames.queueSteps, factory)
        queueMessages = GaugeFamily(MetricNames.queueMessages, factory)
        deadTickets = CounterFamily(
            MetricNames.deadTickets, factory, known: (agentTypes ?? []).map { LabelValues($0) })
        replays = CounterFamily(MetricNames.replaysBegun, factory)
        announced = CounterFamily(MetricNames.eventsAnnounced, factory)
        unannounced = CounterFamily(MetricNames.eventsUnannounced, factory)
        eventLag = HistogramFamily(MetricNames.eventLag, factory)
    }

    /// What one batch of advances did.
    ///
    /// - Parameter now: by any clock, always the same.
    package func advanced(_ report: AdvanceReport, duration: Duration, at now: Duration) {
        admitted.add(report.admitted)
        advancedTasks.add(report.advanced)
        postponed.add(report.postponed)
        stalled.add(report.stalled.count)
        stepsCreated.add(report.newSteps)
        advanceDuration.record(duration)
        for task in report.finished {
            finished.add(1, task.status.rawValue)
            if let age = task.age { completionTime.record(age, task.status.rawValue, task.priority.rawValue) }
            guard task.status != .cancelled else { continue }
            endings.add(hasAnswer: task.status == .completed || task.status == .partialCompletion, at: now)
        }
    }

    /// Told again and again, also while nothing ends.
    package func showSuccessRate(at now: Duration) { successRate.replace(endings.rate(at: now)) }

    /// How many tickets the broker took and refused.
    package func dispatched(_ count: Int, refused: Int, duration: Duration) {
        dispatched.add(count)
        self.refused.add(refused)
        dispatchDuration.record(duration)
    }

    package func released(_ steps: Int) { released.add(steps) }

    package func swept(_ report: SweepReport, duration: Duration) {
        sweeps.add()
        sweepDuration.record(duration)
        for (reason, count) in Self.found(report) { recovered.add(count, reason) }
    }

    package func failed(_ duty: SchedulerDuty) { failures.add(1, duty.rawValue) }

    /// How long ago each duty last came round.
    package func turns(_ turns: [SchedulerTurn]) {
        for turn in turns { dutyAge.set(turn.age.inSeconds, turn.duty) }
    }

    /// The open steps per agent type and state.
    package func load(_ queues: [QueueLoad]) {
        queueSteps.replaceAll(
            Dictionary(
                queues.map { (LabelValues(known($0.agentType), $0.state.rawValue), Double($0.steps)) },
                uniquingKeysWith: +))
    }

    /// - Parameter depths: tickets by agent type; none while the broker does not say.
    package func queueMessages(_ depths: [String: Int]) {
        queueMessages.replaceAll(
            Dictionary(depths.map { (LabelValues(known($0.key)), Double($0.value)) }, uniquingKeysWith: +))
    }

    /// - Parameter queue: the dead-letter queue that the ticket came out of, `agent.TYPE.dead`.
    package func deadTicket(queue: String) {
        let parts = queue.split(separator: ".")
        deadTickets.add(1, parts.count == 3 ? known(String(parts[1])) : "other")
    }

    package func replaysBegun(_ count: Int) { replays.add(count) }

    package func announced(_ events: Int, lag: Duration) {
        announced.add(events)
        eventLag.record(lag)
    }

    package func unannounced(_ events: Int) { unannounced.add(events) }

    private func known(_ agentType: String) -> String {
        agentTypes?.contains(agentType) ?? true ? agentType : "other"
    }

    private static func found(_ report: SweepReport) -> [(reason: String, count: Int)] {
        [
            ("taken_over", report.takenOver), ("dead", report.dead), ("reissued", report.reissued),
            ("woken_up", report.wokenUp), ("without_type", report.withoutType),
        ]
    }
}

/// Whose rounds failed.
package enum SchedulerDuty: String, Sendable, CaseIterable {
    case advance, publish, dispatch, release, sweep, operations, batches, register
    case deadTicket = "dead_ticket"
    case pulse, canaries
}

/// ``EndingsWindow`` for several loops.
private final class Endings: Sendable {
    private let window = Mutex(EndingsWindow())

    func add(hasAnswer: Bool, at now: Duration) {
        window.withLock { $0.add(hasAnswer: hasAnswer, at: now) }
    }

    func rate(at now: Duration) -> Double? { window.withLock { $0.rate(at: now) } }
}
