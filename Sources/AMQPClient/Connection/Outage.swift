/// Counts attempts in vain, and says when to speak of them: after the third of one kind, then less and less often.
struct Outage {
    private(set) var error: AMQPError
    private(set) var attempts = 0
    let since: Instant
    private var alike = 0
    private var nextWarning: Instant
    private var pause = 60

    /// A connection that lasts as long was none of the attempts in vain.
    static let lasting: Duration = .seconds(5)
    /// So many of one kind are no accident.
    private static let certainty = 3
    private static let longestPause = 600

    init(at now: Instant) {
        error = AMQPError(.timedOut, "not connected")
        since = now
        nextWarning = now
    }

    /// - Returns: whether it is time for a warning.
    mutating func note(_ error: AMQPError, at now: Instant) -> Bool {
        let isAlike = attempts > 0 && error.code == self.error.code && error.replyCode == self.error.replyCode
        alike = isAlike ? alike + 1 : 1
        attempts += 1
        self.error = error
        guard alike >= Self.certainty, now >= nextWarning else { return false }
        nextWarning = now.advanced(by: .seconds(pause))
        pause = min(pause * 2, Self.longestPause)
        return true
    }
}
