import Synchronization

/// Steps in flight by agent type.
final class RunningSteps: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func add(_ amount: Int, _ agentType: String) {
        counts.withLock { $0[agentType, default: 0] += amount }
    }

    /// A type that was seen once stays, with 0.
    var all: [String: Int] { counts.withLock { $0 } }
}
