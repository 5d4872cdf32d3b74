import Synchronization

/// How often something has happened; counted by one thread, read by any.
package final class EventCount: Sendable {
    private let count = Atomic(0)

    package init() {}

    package var value: Int { count.load(ordering: .relaxed) }

    package func add() { count.wrappingAdd(1, ordering: .relaxed) }
}
