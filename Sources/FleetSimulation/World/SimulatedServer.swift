import Synchronization

/// A server that processes talk to: it may be away, and the ways to it may be slow.
final class SimulatedServer: Sendable {
    private struct State {
        var isUp = true
        var latency: ClosedRange<Duration>
    }

    let name: Name
    private let ordinaryLatency: ClosedRange<Duration>
    private let state: Mutex<State>

    enum Name: String, Sendable, CaseIterable {
        case database, broker, redis, provider
    }

    init(_ name: Name, latency: ClosedRange<Duration>) {
        self.name = name
        ordinaryLatency = latency
        state = Mutex(State(latency: latency))
    }

    var isUp: Bool { state.withLock { $0.isUp } }
    var latency: ClosedRange<Duration> { state.withLock { $0.latency } }

    func setUp(_ isUp: Bool) { state.withLock { $0.isUp = isUp } }

    /// Makes every way to it slower by a factor.
    func slow(by factor: Int) {
        state.withLock {
            $0.latency = ordinaryLatency.lowerBound * factor...ordinaryLatency.upperBound * factor
        }
    }
}
