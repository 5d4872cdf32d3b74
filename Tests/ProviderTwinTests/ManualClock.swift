import Synchronization

/// A clock that tests set by hand.
final class ManualClock: Sendable {
    private let nanoseconds = Mutex<UInt64>(1_000_000_000_000)

    var now: UInt64 { nanoseconds.withLock { $0 } }

    func advance(milliseconds: UInt64) {
        nanoseconds.withLock { $0 += milliseconds * 1_000_000 }
    }

    func advance(nanoseconds step: UInt64) {
        nanoseconds.withLock { $0 += step }
    }
}
