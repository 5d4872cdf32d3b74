import Logging
import Synchronization

/// Says once a minute at most that the collector is away or refuses: it may be so for days.
final class ExportComplaints: Sendable {
    private struct State {
        var last: ContinuousClock.Instant?
        var untold = 0
    }

    private let logger: Logger
    private let interval: Duration
    private let state = Mutex(State())

    init(logger: Logger, interval: Duration) {
        self.logger = logger
        self.interval = interval
    }

    /// - Parameter problem: without what was sent, and without headers.
    func tell(_ problem: String) {
        let now = ContinuousClock.now
        let failures = state.withLock { state -> Int? in
            state.untold += 1
            if let last = state.last, now - last < interval { return nil }
            defer { state.untold = 0 }
            state.last = now
            return state.untold
        }
        guard let failures else { return }
        logger.warning(
            "spans cannot be sent", metadata: ["error": "\(problem)", "failures": .stringConvertible(failures)])
    }
}
