import FleetCore
import Synchronization

/// Agent types in whose queues a canary lies: one message there that is no ticket.
final class WaitingCanaries: Sendable {
    private let types = Mutex<Set<String>>([])

    func replace(_ types: Set<String>) { self.types.withLock { $0 = types } }

    /// The depths as the broker says them, without canaries.
    func tickets(of depths: [String: Int]) -> [String: Int] {
        let waiting = types.withLock { $0 }
        return Dictionary(
            uniqueKeysWithValues: depths.map { ($0.key, waiting.contains($0.key) ? max(0, $0.value - 1) : $0.value) })
    }
}
