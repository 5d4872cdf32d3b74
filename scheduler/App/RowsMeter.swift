import Catalogues
import CoreMetrics
import FleetCore
import FleetMetrics
import FleetStore

/// Shows what the rows say of the whole fleet. What the catalogues do not have is `other`.
struct RowsMeter: Sendable {
    private let agentTypes: Set<String>
    private let models: [ModelSpec]
    private let up: GaugeFamily
    private let duration: HistogramFamily
    private let tasks: GaugeFamily
    private let silence: GaugeFamily
    private let parked: GaugeFamily
    private let canaryAge: GaugeFamily
    private let queueSilence: GaugeFamily
    private let letters: GaugeFamily
    private let lettersAge: GaugeFamily
    private let holds: GaugeFamily
    private let operations: GaugeFamily
    private let spend: GaugeFamily
    private let calls: GaugeFamily
    private let limits: GaugeFamily
    private let limitsUsed: GaugeFamily
    private let limitWaiting: GaugeFamily
    private let circuits: GaugeFamily
    private let workers: GaugeFamily
    private let slots: GaugeFamily
    private let wakeUps: GaugeFamily
    private let sessions: GaugeFamily
    private let mostSessions: GaugeFamily
    private let snapshot: GaugeFamily

    init(_ metrics: any MetricsFactory, catalogues: FleetCatalogues) {
        self.init(
            metrics, agentTypes: Set(catalogues.agents.agents.map(\.type)), models: catalogues.models.models)
    }

    init(_ metrics: any MetricsFactory, agentTypes: Set<String>, models: [ModelSpec]) {
        self.agentTypes = agentTypes
        self.models = models
        up = GaugeFamily(MetricNames.rowsUp, metrics)
        duration = HistogramFamily(MetricNames.rowsRead, metrics)
        tasks = GaugeFamily(MetricNames.tasksOpen, metrics)
        silence = GaugeFamily(MetricNames.longestSilence, metrics, isOptional: true)
        parked = GaugeFamily(MetricNames.parkedSteps, metrics)
        canaryAge = GaugeFamily(MetricNames.canaryAge, metrics)
        queueSilence = GaugeFamily(MetricNames.queueSilence, metrics)
        letters = GaugeFamily(MetricNames.deadLettersOpen, metrics)
        lettersAge = GaugeFamily(MetricNames.deadLettersOldestAge, metrics, isOptional: true)
        holds = GaugeFamily(MetricNames.holds, metrics)
        operations = GaugeFamily(MetricNames.operationsOpen, metrics)
        spend = GaugeFamily(MetricNames.ledgerSpend, metrics)
        calls = GaugeFamily(MetricNames.ledgerCalls, metrics)
        limits = GaugeFamily(MetricNames.providerLimit, metrics)
        limitsUsed = GaugeFamily(MetricNames.providerLimitUsed, metrics)
        limitWaiting = GaugeFamily(MetricNames.limitWaiting, metrics)
        circuits = GaugeFamily(MetricNames.circuitsOpen, metrics)
        workers = GaugeFamily(MetricNames.workersAlive, metrics)
        slots = GaugeFamily(MetricNames.workersSlots, metrics)
        wakeUps = GaugeFamily(MetricNames.wakeUpsWaiting, metrics, isOptional: true)
        sessions = GaugeFamily(MetricNames.databaseSessions, metrics, isOptional: true)
        mostSessions = GaugeFamily(MetricNames.databaseSessionsMaximum, metrics, isOptional: true)
        snapshot = GaugeFamily(MetricNames.oldestSnapshot, metrics, isOptional: true)
    }

    func took(_ duration: Duration) { self.duration.record(duration) }

    /// - Parameter rows: nil: not known, which has no series.
    func show(_ rows: FleetRows?) {
        up.set(rows == nil ? 0 : 1)
        showTasks(rows)
        showWork(rows)
        showConsumption(rows)
        showCalls(rows)
        showLimits(rows)
        showWorkers(rows)
        showServer(rows)
    }

    private func showTasks(_ rows: FleetRows?) {
        tasks.replaceAll(counts(rows?.tasks, known: []))
        silence.replace(rows?.longestSilence)
        holds.replaceAll(counts(rows?.holds, known: ["type", "user", "batch"]))
        operations.replaceAll(counts(rows?.operations, known: ["running", "paused"]))
    }

    private func showWork(_ rows: FleetRows?) {
        parked.replaceAll(
            sums(rows?.parked) { (LabelValues(known($0.agentType), $0.reason), Double($0.steps)) })
        var open = sums(rows?.letters) { (LabelValues(known($0.agentType)), Double($0.count)) }
        if rows != nil { for type in agentTypes { open[LabelValues(type), default: 0] += 0 } }
        letters.replaceAll(open)
        lettersAge.replace(rows?.letters.map(\.age).max())
        wakeUps.replace(rows.map { Double($0.wakeUps) })
    }

    /// Of types that the catalogue has: what others wait for nobody consumes.
    private func showConsumption(_ rows: FleetRows?) {
        let known = (rows?.consumption ?? []).filter { agentTypes.contains($0.agentType) }
        canaryAge.replaceAll(
            sums(known.filter { $0.canaryAge != nil }) { (LabelValues($0.agentType), $0.canaryAge ?? 0) })
        queueSilence.replaceAll(sums(known) { (LabelValues($0.agentType), $0.silence) })
    }

    private func showCalls(_ rows: FleetRows?) {
        var spent: [LabelValues: Double] = [:]
        var booked: [LabelValues: Double] = [:]
        if rows != nil {
            for provider in Set(models.map(\.provider)) {
                for basis in ["proved", "expected", "at_most"] { spent[LabelValues(provider, basis)] = 0 }
                for outcome in ["succeeded", "failed", "lost"] { booked[LabelValues(provider, outcome)] = 0 }
            }
        }
        for calls in rows?.calls ?? [] {
            let provider = known(provider: calls.provider)
            booked[LabelValues(provider, calls.outcome), default: 0] += Double(calls.count)
            let cost = calls.cost
            for (basis, amount) in [
                ("proved", cost.proved), ("expected", cost.expected), ("at_most", cost.atMost),
            ] {
                spent[LabelValues(provider, basis), default: 0] += Double(amount.millionths) / 1_000_000
            }
        }
        spend.replaceAll(spent)
        calls.replaceAll(booked)
    }

    private func showLimits(_ rows: FleetRows?) {
        limits.replaceAll(
            sums(
                rows?.limits.flatMap { setting in
                    Self.resources(setting.limits).map { (setting, $0.name, $0.limit) }
                }
            ) { (LabelValues($0.0.provider, $0.0.limitClass, $0.1), Double($0.2)) })
        limitsUsed.replaceAll(rows.map { LimitUse.ratios($0, models: models) } ?? [:])
        showWaitingCalls(rows)
        circuits.replaceAll(
            sums(rows?.circuits) { circuit in
                let model = circuit.model.map { name in models.contains { $0.name == name } ? name : "other" } ?? ""
                return (LabelValues(known(provider: circuit.provider), model), Double(circuit.workers))
            })
    }

    private func showWaitingCalls(_ rows: FleetRows?) {
        var waiting: [LabelValues: Double] = [:]
        if rows != nil {
            for model in models {
                for cause in LimitWait.Cause.allCases {
                    waiting[LabelValues(model.provider, model.limitClass, cause.rawValue)] = 0
                }
            }
        }
        for calls in rows?.limitedCalls ?? [] {
            let wait = calls.wait
            // Of classes that the catalogue has.
            waiting[LabelValues(wait.provider, wait.limitClass, wait.cause.rawValue)]? += Double(calls.steps)
        }
        limitWaiting.replaceAll(waiting)
    }

    private func showWorkers(_ rows: FleetRows?) {
        workers.replaceAll(
            counts(
                rows.map { Dictionary($0.workers.map { ($0.state, $0.count) }, uniquingKeysWith: +) },
                known: ["active", "draining"]))
        slots.replaceAll(
            counts(
                rows.map { rows in
                    let active = rows.workers.filter { $0.state == "active" }
                    let (all, busy) = (active.reduce(0) { $0 + $1.slots }, active.reduce(0) { $0 + $1.running })
                    return ["busy": busy, "free": max(0, all - busy)]
                }, known: []))
    }

    private func showServer(_ rows: FleetRows?) {
        sessions.replace(rows.map { Double($0.sessions) })
        mostSessions.replace(rows.map { Double($0.mostSessions) })
        snapshot.replace(rows?.oldestSnapshot)
    }

    private func known(_ agentType: String) -> String { agentTypes.contains(agentType) ? agentType : "other" }

    private func known(provider: String) -> String {
        models.contains { $0.provider == provider } ? provider : "other"
    }

    /// - Parameter known: shown as 0 if there is none.
    private func counts(_ counts: [String: Int]?, known: [String]) -> [LabelValues: Double] {
        guard let counts else { return [:] }
        var series = Dictionary(uniqueKeysWithValues: known.map { (LabelValues($0), 0.0) })
        for (name, count) in counts { series[LabelValues(name)] = Double(count) }
        return series
    }

    private func sums<Item>(
        _ items: [Item]?, _ series: (Item) -> (LabelValues, Double)
    ) -> [LabelValues: Double] {
        Dictionary((items ?? []).map(series), uniquingKeysWith: +)
    }

    private static func resources(_ limits: RateLimits) -> [(name: String, limit: Int)] {
        [
            ("requests", limits.requests), ("tokens", limits.tokens), ("input_tokens", limits.inputTokens),
            ("output_tokens", limits.outputTokens), ("concurrency", limits.concurrency),
        ].compactMap { name, limit in limit.map { (name, $0) } }
    }
}
