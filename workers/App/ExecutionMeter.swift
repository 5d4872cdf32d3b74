import Execution
import FleetCore
import Synchronization
import Telemetry

/// Counts what workers do.
struct ExecutionMeter: ExecutionMetrics {
    private let calls: Counter
    private let callsInFlight: Gauge
    private let callDuration: Histogram
    private let tokens: Counter
    private let cost: Counter
    private let expectedCost: Counter
    private let mismatches: Counter
    private let unknownTiers: Counter
    private let capacityWait: Histogram
    private let invalidAnswers: Counter
    private let inputCuts: Counter
    private let claimed: Counter
    private let forgotten: Counter
    private let settled: Counter
    private let stale: Counter
    private let slotsBusy: Gauge
    private let slots: Gauge
    private let circuits: Gauge
    /// Those that were open a moment ago.
    private let openCircuits = OpenCircuits()

    init(registry: MetricsRegistry) {
        calls = registry.counter(MetricNames.calls)
        callsInFlight = registry.gauge(MetricNames.callsInFlight)
        callDuration = registry.histogram(MetricNames.callDuration)
        tokens = registry.counter(MetricNames.tokens)
        cost = registry.counter(MetricNames.cost)
        expectedCost = registry.counter(MetricNames.expectedCost)
        mismatches = registry.counter(MetricNames.usageMismatches)
        unknownTiers = registry.counter(MetricNames.unknownTiers)
        capacityWait = registry.histogram(MetricNames.rateLimitWait)
        invalidAnswers = registry.counter(MetricNames.invalidAnswers)
        inputCuts = registry.counter(MetricNames.inputCuts)
        claimed = registry.counter(MetricNames.stepsClaimed)
        forgotten = registry.counter(MetricNames.ticketsForgotten)
        settled = registry.counter(MetricNames.stepsSettled)
        stale = registry.counter(MetricNames.settlementsStale)
        slotsBusy = registry.gauge(MetricNames.workerSlotsBusy)
        slots = registry.gauge(MetricNames.workerSlots)
        circuits = registry.gauge(MetricNames.circuitOpen)
    }

    func callStarted(model: String) { callsInFlight.with(model).increment() }

    func callEnded(_ call: CallRecord) {
        callsInFlight.with(call.model).decrement()
        calls.with(call.provider, call.model, call.outcome).increment()
        callDuration.with(call.provider, call.model).observe(call.duration)
        let (account, usage) = (call.account, call.account.usage ?? TokenUsage())
        for (direction, cache, amount) in [
            ("input", "none", usage.uncachedInputTokens), ("input", "read", usage.cacheReadTokens),
            ("input", "write", usage.cacheWriteTokens),
            ("output", "none", usage.outputTokens),
        ] where amount > 0 {
            tokens.with(call.provider, call.model, direction, cache).increment(by: amount)
        }
        cost.with(call.provider, call.model).add(account.cost.inDollars)
        expectedCost.with(call.provider, call.model).add((account.cost ?? account.expectedCost).inDollars)
    }

    func usageMismatch(provider: String, model: String) { mismatches.with(provider, model).increment() }
    func unknownTier(provider: String, model: String) { unknownTiers.with(provider, model).increment() }

    func waitedForCapacity(_ duration: Duration, model: String) { capacityWait.with(model).observe(duration) }
    func invalidAnswer(kind: StepKind, model: String) { invalidAnswers.with(kind.rawValue, model).increment() }
    func inputCut(kind: StepKind, section: String, tokens: Int) {
        inputCuts.with(kind.rawValue, section).add(Double(tokens))
    }
    func stepsClaimed(_ count: Int) { claimed.with().increment(by: count) }
    func ticketsForgotten(_ count: Int) { forgotten.with().increment(by: count) }

    func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool) {
        if isStale {
            stale.with(kind.rawValue, agentType).increment()
        } else {
            settled.with(kind.rawValue, agentType, outcome).increment()
        }
    }

    func slots(running: Int, total: Int) {
        slotsBusy.with().set(running)
        slots.with().set(total)
    }

    func circuits(_ open: [(provider: String, model: String?)]) {
        let now = Set(open.map { OpenCircuits.Labels(provider: $0.provider, model: $0.model ?? "") })
        for closed in openCircuits.replace(with: now).subtracting(now) {
            circuits.with(closed.provider, closed.model).set(0)
        }
        for labels in now { circuits.with(labels.provider, labels.model).set(1) }
    }
}

/// Which series of the circuits' gauge stand at 1.
private final class OpenCircuits: Sendable {
    struct Labels: Hashable {
        var provider: String
        var model: String
    }

    private let labels = Mutex<Set<Labels>>([])

    /// Returns those from before.
    func replace(with new: Set<Labels>) -> Set<Labels> {
        labels.withLock { labels in
            defer { labels = new }
            return labels
        }
    }
}

extension Decimal6? {
    /// For counters, which are no books.
    fileprivate var inDollars: Double { Double(self?.millionths ?? 0) / 1_000_000 }
}
