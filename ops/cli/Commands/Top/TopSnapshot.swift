import FleetCore
import FleetStore

/// What the view shows, as it was read at one go.
struct TopSnapshot: Sendable {
    var rows: FleetRows
    var queues: [QueueOverview]
    var letters: [DeadLetterGroup]
    /// On users and batches.
    var holds: [Hold]
    /// With the workers.
    var health: HealthFacts
    var models: [TopModelUse]

    var running: Int { queues.reduce(0) { $0 + $1.running } }
    var waiting: Int { queues.reduce(0) { $0 + $1.ready + $1.dispatched + $1.parkedTotal } }
    /// Unfinished, new ones among them.
    var openTasks: Int { rows.tasks.values.reduce(0, +) }
    /// Calls that ended in the last minute.
    var callsPerMinute: Int { rows.calls.reduce(0) { $0 + $1.recent } }
    /// Of the last five minutes, with what is expected of calls that are not proved.
    var spendPerMinute: Double { models.reduce(0) { $0 + $1.spendPerMinute } }

    var workers: [WorkerFacts] { health.workers }

    /// Parts that are not as they should be.
    var ailing: [PartHealth] { health.parts.filter(\.isAiling) }

    /// In one word.
    var state: PartHealth.State {
        let parts = health.parts
        return parts.contains { $0.state == .ill }
            ? .ill : parts.contains { $0.state == .degraded } ? .degraded : .healthy
    }

    /// What somebody should look at, the worst first.
    var attention: [TopAttention] {
        let ailing = ailing.sorted { $0.state == .ill && $1.state != .ill }
        return ailing.map { TopAttention($0.part, state: $0.state.rawValue, text: $0.reason) }
            + letters.map { group in
                TopAttention(
                    "letters \(group.fingerprint)", state: "dead",
                    text: "\(group.count) dead letters of \(group.tasks) tasks, \(group.agentType): "
                        + (group.error ?? group.errorCode), fingerprint: group.fingerprint)
            }
            + stuck
            + (queues.compactMap(\.pause) + holds).map { hold in
                TopAttention(
                    "\(hold.scope.kind) \(hold.scope.subject)", state: "paused", text: "\(hold.reason) (\(hold.actor))")
            }
            + (rows.operations["paused"].map { count in
                [TopAttention("operations", state: "paused", text: "\(count) stopped: mixmyai operation list")]
            } ?? [])
    }

    /// Nothing has happened to a task for long: whatever keeps it, nobody sees it move.
    private var stuck: [TopAttention] {
        guard let silence = rows.longestSilence, silence > 600 else { return [] }
        return [
            TopAttention(
                "tasks", state: "stuck",
                text: "nothing has happened to the one that was longest left alone for \(PlainText.age(silence))")
        ]
    }
}

/// A line of what needs somebody.
struct TopAttention: Sendable, Equatable {
    var name: String
    var state: String
    var text: String
    /// Of the letters that it is about.
    var fingerprint: String?

    init(_ name: String, state: String, text: String, fingerprint: String? = nil) {
        self.name = name
        self.state = state
        self.text = text
        self.fingerprint = fingerprint
    }
}

/// A model that was called lately, or whose limits or circuit say something.
struct TopModelUse: Sendable, Equatable {
    var provider: String
    var model: String
    /// In the last minute.
    var calls: Int
    var tokens: Int
    /// In dollars, of the last five minutes.
    var spendPerMinute: Double
    /// Of the limit class, all its models together: what was used of the limit that is nearest, 0 to 1; nil: unlimited.
    /// It is all of it if calls wait because as many are under way as may be.
    var use: Double?
    /// Running steps whose call waits for a limit of the class.
    var waiting: Int
    /// Nil: it is called.
    var circuit: String?
}

extension TopModelUse {
    /// - Parameter models: the catalogue's; what it does not know is taken for a class of its own.
    static func all(_ rows: FleetRows, models: [ModelSpec]) -> [TopModelUse] {
        let classes = Dictionary(models.map { ("\($0.provider)/\($0.name)", $0.limitClass) }) { first, _ in first }
        func limitClass(_ provider: String, _ model: String) -> String { classes["\(provider)/\(model)"] ?? model }
        let grouped = Dictionary(grouping: rows.calls) { "\($0.provider)/\($0.model)" }
        let uses = grouped.values.compactMap { calls -> TopModelUse? in
            guard let first = calls.first else { return nil }
            let name = limitClass(first.provider, first.model)
            let shared = rows.calls.filter {
                $0.provider == first.provider && limitClass($0.provider, $0.model) == name
            }
            let waits = rows.limitedCalls.filter {
                $0.wait.provider == first.provider && $0.wait.limitClass == name
            }
            let used = use(shared, limits(first.provider, name, rows.limits))
            return TopModelUse(
                provider: first.provider, model: first.model, calls: calls.reduce(0) { $0 + $1.recent },
                tokens: calls.reduce(0) { $0 + $1.recentTokens },
                spendPerMinute: calls.reduce(0) { $0 + Double($1.cost.expected.millionths) } / 5_000_000,
                use: waits.contains { $0.wait.cause == .concurrency } ? max(used ?? 1, 1) : used,
                waiting: waits.reduce(0) { $0 + $1.steps },
                circuit: circuit(first.provider, first.model, rows))
        }
        let known = Set(uses.map { "\($0.provider)/\($0.model)" })
        let silent = rows.circuits.filter { !known.contains("\($0.provider)/\($0.model ?? "all")") }.map { open in
            TopModelUse(
                provider: open.provider, model: open.model ?? "all", calls: 0, tokens: 0, spendPerMinute: 0,
                waiting: 0, circuit: "open at \(open.workers)")
        }
        // Of a class of which no call was booked lately: those that wait are all that there is to see of it.
        let shown = Set(uses.map { "\($0.provider)/\(limitClass($0.provider, $0.model))" })
        let waiting = Dictionary(grouping: rows.limitedCalls) { "\($0.wait.provider)/\($0.wait.limitClass)" }
            .filter { !shown.contains($0.key) }.values.compactMap { calls -> TopModelUse? in
                guard let wait = calls.first?.wait else { return nil }
                return TopModelUse(
                    provider: wait.provider, model: "class \(wait.limitClass)", calls: 0, tokens: 0, spendPerMinute: 0,
                    use: calls.contains { $0.wait.cause == .concurrency } ? 1 : nil,
                    waiting: calls.reduce(0) { $0 + $1.steps }, circuit: nil)
            }
        return (uses + silent + waiting).sorted { ($0.provider, $0.model) < ($1.provider, $1.model) }
    }

    private static func use(_ calls: [FleetRows.Calls], _ limits: RateLimits) -> Double? {
        let pairs = [
            (calls.reduce(0) { $0 + $1.recent }, limits.requests),
            (calls.reduce(0) { $0 + $1.recentTokens }, limits.tokens),
        ]
        return pairs.compactMap { used, limit in limit.map { Double(used) / Double(max(1, $0)) } }.max()
    }

    private static func limits(_ provider: String, _ limitClass: String, _ settings: [LimitSetting]) -> RateLimits {
        RateLimits.inForce(provider: provider, limitClass: limitClass) { name in
            settings.first { $0.provider == provider && $0.limitClass == name }?.limits
        }
    }

    private static func circuit(_ provider: String, _ model: String, _ rows: FleetRows) -> String? {
        let open = rows.circuits.filter { $0.provider == provider && ($0.model == nil || $0.model == model) }
        return open.map(\.workers).max().map { "open at \($0)" }
    }
}
