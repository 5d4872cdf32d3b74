import Synchronization

/// Workers that were asked to start and are not ready yet: the supervisor may not show them, and nobody asks twice.
final class StartsUnderWay: Sendable {
    private let underWay = Mutex<Set<String>>([])

    var names: Set<String> { underWay.withLock { $0 } }

    func begin(_ names: [String]) { underWay.withLock { $0.formUnion(names) } }

    func end(_ names: [String]) { underWay.withLock { $0.subtract(names) } }
}
