import FleetCore
import Synchronization

/// A clock that goes on when it is told to.
final class ManualClock: Timekeeper {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }
    func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    func sleep(for duration: Duration) async throws { pass(duration) }
}
