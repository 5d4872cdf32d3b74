import CoreMetrics
import FleetCore
import Synchronization

/// What workers record of calls to models.
struct CallMetrics: Sendable {
    private let duration: HistogramFamily
    private let costOfOne: HistogramFamily
    private let ended: CounterFamily
    private let inFlight: GaugeFamily
    private let tokens: CounterFamily
    private let cost: AmountFamily
    private let expectedCost: AmountFamily
    private let mismatches: CounterFamily
    private let unknownTiers: CounterFamily
    private let invalidAnswers: CounterFamily
    private let inputCuts: CounterFamily
    private let wait: HistogramFamily
    private let decisions: CounterFamily
    private let circuits: GaugeFamily
    private let circuitsSeen = SeenCircuits()

    init(_ factory: any MetricsFactory) {
        duration = HistogramFamily(MetricNames.callDuration, factory)
        costOfOne = HistogramFamily(MetricNames.callCost, factory)
        ended = CounterFamily(MetricNames.callsEnded, factory)
        inFlight = GaugeFamily(MetricNames.callsInFlight, factory)
        tokens = CounterFamily(MetricNames.tokens, factory)
        cost = AmountFamily(MetricNames.cost, factory)
        expectedCost = AmountFamily(MetricNames.expectedCost, factory)
        mismatches = CounterFamily(MetricNames.usageMismatches, factory)
        unknownTiers = CounterFamily(MetricNames.unknownTiers, factory)
        invalidAnswers = CounterFamily(MetricNames.invalidAnswers, factory)
        inputCuts = CounterFamily(MetricNames.inputCuts, factory)
        wait = HistogramFamily(MetricNames.rateLimitWait, factory)
        decisions = CounterFamily(MetricNames.limiterDecisions, factory)
        circuits = GaugeFamily(MetricNames.circuitOpen, factory)
    }

    func started(model: String) { inFlight.add(1, model) }

    func ended(_ call: CallRecord) {
        inFlight.add(-1, call.model)
        ended.add(1, call.provider, call.model, call.outcome)
        duration.record(call.duration, call.provider, call.model)
        let (account, usage) = (call.account, call.account.usage ?? TokenUsage())
        tokens.add(usage.uncachedInputTokens, call.provider, call.model, "input", "none")
        tokens.add(usage.cacheReadTokens, call.provider, call.model, "input", "read")
        tokens.add(usage.cacheWriteTokens, call.provider, call.model, "input", "write")
        tokens.add(usage.outputTokens, call.provider, call.model, "output", "none")
        if let proved = account.cost {
            costOfOne.record(proved.inDollars, call.provider, call.model)
            cost.add(proved.inDollars, call.provider, call.model)
        }
        if let expected = account.cost ?? account.expectedCost {
            expectedCost.add(expected.inDollars, call.provider, call.model)
        }
    }

    func usageMismatch(provider: String, model: String) { mismatches.add(1, provider, model) }
    func unknownTier(provider: String, model: String) { unknownTiers.add(1, provider, model) }
    func invalidAnswer(kind: StepKind, model: String) { invalidAnswers.add(1, kind.rawValue, model) }
    func inputCut(kind: StepKind, section: String, tokens: Int) { inputCuts.add(tokens, kind.rawValue, section) }
    func waited(_ duration: Duration, model: String) { wait.record(duration, model) }
    func decided(_ decision: LimiterDecision, provider: String, limitClass: String) {
        decisions.add(1, provider, limitClass, decision.rawValue)
    }

    /// Those that were open once and are not now are shown as 0.
    func show(_ open: [(provider: String, model: String?)]) {
        let now = Set(open.map { SeenCircuits.Name(provider: $0.provider, model: $0.model ?? "") })
        for name in circuitsSeen.adding(now) { circuits.set(now.contains(name) ? 1 : 0, name.provider, name.model) }
    }
}

/// What the limiter said, as it is counted.
package enum LimiterDecision: String, Sendable, CaseIterable {
    case granted
    /// There is no room: ask again.
    case wait
    /// There is no room: a turn has been reserved.
    case turn
    /// Granted, and heard of too late to be used.
    case stale
    /// It could not be asked.
    case unavailable
}

/// The circuits that have been open since the process began.
private final class SeenCircuits: Sendable {
    struct Name: Hashable {
        var provider: String
        var model: String
    }

    private let names = Mutex<Set<Name>>([])

    func adding(_ new: Set<Name>) -> Set<Name> {
        names.withLock { names in
            names.formUnion(new)
            return names
        }
    }
}

extension Decimal6 {
    /// For metrics, which are no books.
    fileprivate var inDollars: Double { Double(millionths) / 1_000_000 }
}
