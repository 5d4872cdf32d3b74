import Synchronization

/// Whether a process that drains waits for its work in flight however long that takes: a fleet that becomes smaller
/// breaks off nothing, one that stops has a limit.
package final class DrainPatience: Sendable {
    private let flag = Atomic(false)

    package var isOn: Bool { flag.load(ordering: .relaxed) }

    func begin() { flag.store(true, ordering: .relaxed) }

    func end() { flag.store(false, ordering: .relaxed) }
}
