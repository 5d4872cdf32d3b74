package import FleetCore
import Synchronization

/// PostgreSQL in memory: the same statements on the same rows, each atomic, as the real stores have them.
///
/// The conformance suite runs one random sequence of operations against this and the real stores and compares every
/// answer.
package final class SimulatedDatabase: Sendable {
    struct State {
        var rows = SimulatedRows()
        var journal: [DatabaseEntry] = []
        let bugs: Set<PlantedBug>
    }

    let state: Mutex<State>
    private let clock: @Sendable () -> Int
    private let lastStepID = Mutex(0)

    /// - Parameters:
    ///   - clock: microseconds since 1970, as the database server reads them; may jump.
    ///   - bugs: defects to plant.
    package init(clock: @escaping @Sendable () -> Int, bugs: Set<PlantedBug> = []) {
        self.clock = clock
        state = Mutex(State(bugs: bugs))
    }

    var now: Int { clock() }

    func nextStepID() -> Int {
        lastStepID.withLock {
            $0 += 1
            return $0
        }
    }

    var journal: [DatabaseEntry] { state.withLock { $0.journal } }
    var rows: SimulatedRows { state.withLock { $0.rows } }

    /// What operators have set.
    func setLimits(_ settings: [LimitSetting]) {
        state.withLock { $0.rows.limits = settings }
    }

    /// Every task is at its end and nothing waits to be looked at.
    var isAtRest: Bool {
        state.withLock { state in
            state.rows.wakeUps.isEmpty && state.rows.openSteps.isEmpty
                && state.rows.tasks.values.allSatisfy { $0.record.state.isTerminal && $0.activeRevisionID == nil }
        }
    }

    /// What the limiter asks when it begins anew: the counterpart of `LedgerReader`.
    package func recentUse(of key: RateLimitKey, models: [ModelSpec]) -> RecentUse {
        let names = Set(models.filter { $0.provider == key.provider && $0.limitClass == key.limitClass }.map(\.name))
        let now = now
        return state.withLock { state in
            let known = state.rows.ledger.filter { _, row in
                row.provider == key.provider && names.contains(row.model) && row.writtenAt > now - 61_000_000
            }
            func average(_ amount: (TokenUsage) -> Int, _ otherwise: Int) -> Int {
                let amounts = known.map { amount($0.value.account.counted) }.filter { $0 > 0 }
                guard !amounts.isEmpty else { return otherwise }
                return Int((Double(amounts.reduce(0, +)) / Double(amounts.count)).rounded())
            }
            let usual = TokenUsage(
                uncachedInputTokens: average(\.inputTokens, 2000), outputTokens: average(\.outputTokens, 1000))
            var calls = known.map { key, row in
                RecentUse.Call(
                    age: .microseconds(max(0, now - row.writtenAt)) + row.duration,
                    usage: TokenUsage(
                        uncachedInputTokens: row.account.counted.inputTokens,
                        outputTokens: row.account.counted.outputTokens),
                    holder: "step-\(key.stepID)-\(key.attempt)-\(key.number)")
            }
            calls += state.rows.unknownCalls(now).flatMap { attempt in
                (1...2).map { number in
                    RecentUse.Call(
                        age: .zero, usage: usual, holder: "step-\(attempt.stepID)-\(attempt.attempt)-\(number)")
                }
            }
            let isUnderWay = state.rows.openSteps.contains { id in
                guard let step = state.rows.steps[id], step.state == .running else { return false }
                return (step.startedAt ?? now) < now - 1_000_000
            }
            return RecentUse(
                calls: calls.sorted { ($0.age, $0.holder) < ($1.age, $1.holder) },
                mayHaveCallsInFlight: !calls.isEmpty || isUnderWay)
        }
    }
}
