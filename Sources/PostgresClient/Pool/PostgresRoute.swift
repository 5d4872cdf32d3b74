import Synchronization

/// What a pool's connections learn from one another: which host answers, and since when sessions are of use.
final class PostgresRoute: Sendable {
    private struct State {
        var good: PostgresTarget?
        var generation = 0
    }

    private let state = Mutex(State())

    /// The targets to try, the last one that answered first: others may be silent, and each wait for them is lost.
    func ordered(_ targets: [PostgresTarget]) -> [PostgresTarget] {
        guard let good = state.withLock({ $0.good }), targets.contains(good) else { return targets }
        return [good] + targets.filter { $0 != good }
    }

    func answered(_ target: PostgresTarget) {
        state.withLock { $0.good = target }
    }

    /// Connections of an earlier generation are not used again.
    var generation: Int { state.withLock { $0.generation } }

    /// A session has turned out to be with a server that takes no writes any more: so are the others made before.
    func failedOver() {
        state.withLock { state in
            state.generation += 1
            state.good = nil
        }
    }
}
