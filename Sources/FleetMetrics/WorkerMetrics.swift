package import CoreMetrics
package import FleetCore
import Synchronization

/// What workers record.
package struct WorkerMetrics: Sendable {
    /// Records nothing.
    package static let none = WorkerMetrics(NOOPMetricsHandler.instance)

    let calls: CallMetrics
    private let claimed: CounterFamily
    private let takenOver: CounterFamily
    private let received: CounterFamily
    private let forgotten: CounterFamily
    private let claimDuration: HistogramFamily
    private let claimFailures: CounterFamily
    private let scheduleToStart: HistogramFamily
    private let run: HistogramFamily
    private let attempts: HistogramFamily
    private let settled: CounterFamily
    private let stale: CounterFamily
    private let settleDuration: HistogramFamily
    private let settleFailures: CounterFamily
    private let settlementsWaiting: GaugeFamily
    private let callsUnbooked: CounterFamily
    private let utilization: GaugeFamily
    private let slotsBusy: GaugeFamily
    private let slots: GaugeFamily
    private let draining: GaugeFamily
    private let heartbeats: CounterFamily
    private let running = RunningSteps()

    package init(_ factory: any MetricsFactory) {
        calls = CallMetrics(factory)
        claimed = CounterFamily(MetricNames.stepsClaimed, factory)
        takenOver = CounterFamily(MetricNames.stepsTakenOver, factory)
        received = CounterFamily(
            MetricNames.ticketsReceived, factory, known: [LabelValues("true"), LabelValues("false")])
        forgotten = CounterFamily(MetricNames.ticketsForgotten, factory)
        claimDuration = HistogramFamily(MetricNames.claimDuration, factory)
        claimFailures = CounterFamily(MetricNames.claimFailures, factory)
        scheduleToStart = HistogramFamily(MetricNames.scheduleToStart, factory)
        run = HistogramFamily(MetricNames.stepRun, factory)
        attempts = HistogramFamily(MetricNames.stepAttempts, factory)
        settled = CounterFamily(MetricNames.stepsSettled, factory)
        stale = CounterFamily(MetricNames.settlementsStale, factory)
        settleDuration = HistogramFamily(MetricNames.settleDuration, factory)
        settleFailures = CounterFamily(
            MetricNames.settleFailures, factory, known: StoreFailure.Kind.allCases.map { LabelValues($0.rawValue) })
        settlementsWaiting = GaugeFamily(MetricNames.settlementsWaiting, factory)
        callsUnbooked = CounterFamily(MetricNames.callsUnbooked, factory)
        utilization = GaugeFamily(MetricNames.utilization, factory)
        slotsBusy = GaugeFamily(MetricNames.workerSlotsBusy, factory)
        slots = GaugeFamily(MetricNames.workerSlots, factory)
        draining = GaugeFamily(MetricNames.workerDraining, factory)
        heartbeats = CounterFamily(
            MetricNames.heartbeats, factory, known: [LabelValues("renewed"), LabelValues("failed")])
    }

    // MARK: Steps

    package func ticketsReceived(_ count: Int, redelivered: Int) {
        received.add(redelivered, "true")
        received.add(count - redelivered, "false")
    }

    /// - Parameter forgotten: claimed in vain: the ticket was old.
    package func stepsClaimed(_ steps: [ClaimedStep], forgotten: Int, duration: Duration) {
        claimed.add(steps.count)
        self.forgotten.add(forgotten)
        claimDuration.record(duration)
        for step in steps {
            if step.isTakenOver { takenOver.add(1, step.agentType) }
            if let waited = step.waited { scheduleToStart.record(waited, step.agentType) }
            running.add(1, step.agentType)
        }
    }

    package func claimFailed() { claimFailures.add() }

    /// A claimed step is this worker's no more, however that came.
    package func stepLeft(_ step: ClaimedStep) { running.add(-1, step.agentType) }

    /// - Parameters:
    ///   - isStale: it no longer counted.
    ///   - duration: since its claim.
    package func stepSettled(_ step: ClaimedStep, outcome: StepOutcome, isStale: Bool, duration: Duration) {
        guard !isStale else { return stale.add(1, step.kind.rawValue, step.agentType) }
        settled.add(1, step.kind.rawValue, step.agentType, outcome.label)
        run.record(duration, step.kind.rawValue)
        switch outcome {
        case .succeeded, .failed, .dead: attempts.record(Double(step.attempt), step.kind.rawValue)
        case .retry, .handedBack, .cancelled: break
        }
    }

    package func settlementBegan() { settlementsWaiting.add(1) }

    /// It is in the rows, or never will be.
    package func settlementEnded(after duration: Duration) {
        settlementsWaiting.add(-1)
        settleDuration.record(duration)
    }

    package func settleFailed(_ kind: StoreFailure.Kind) { settleFailures.add(1, kind.rawValue) }

    /// Calls that the ledger does not take.
    package func callsUnbooked(_ count: Int) { callsUnbooked.add(count) }

    // MARK: The worker

    /// The places taken and in all, told with each heartbeat.
    package func slots(running: Int, total: Int, isDraining: Bool) {
        slotsBusy.set(Double(running))
        slots.set(Double(total))
        draining.set(isDraining ? 1 : 0)
        for (type, steps) in self.running.all { utilization.set(Double(steps) / Double(max(1, total)), type) }
    }

    package func heartbeat(isRenewed: Bool) { heartbeats.add(1, isRenewed ? "renewed" : "failed") }
}
