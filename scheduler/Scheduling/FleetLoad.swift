import FleetCore
import Synchronization

/// How many steps of each agent type wait or run, as the last sweep has counted them: specialists are chosen by it.
final class FleetLoad: Sendable {
    private let sums = Mutex<[String: Int]>([:])

    /// By agent type.
    var current: [String: Int] { sums.withLock { $0 } }

    func count(_ queues: [QueueLoad]) {
        let counted = queues.reduce(into: [String: Int]()) { $0[$1.agentType, default: 0] += $1.steps }
        sums.withLock { $0 = counted }
    }
}
