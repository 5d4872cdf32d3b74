/// Since when somebody has been heard of without a break.
///
/// Who was out of reach says nothing of those who go through it: after an outage of the database every heartbeat in it is
/// as old as the outage. Only who has heard from it for a while may conclude from another's silence.
package struct UnbrokenContact: Sendable {
    /// A longer time between two signs of life is a break, whatever the reason: an outage, a call that waited for its end,
    /// a process that was frozen.
    private let longestGap: Duration
    private var since: Duration?
    private var last: Duration?

    /// Nothing has been heard yet.
    package init(longestGap: Duration) {
        self.longestGap = longestGap
    }

    /// Notes a sign of life; the time is measured from an arbitrary start.
    package mutating func heard(at now: Duration) {
        if last.map({ now - $0 > longestGap }) ?? true { since = now }
        last = now
    }

    /// Whether there was no break for so long.
    package func isSteady(for duration: Duration, at now: Duration) -> Bool {
        guard let since, let last, now - last <= longestGap else { return false }
        return now - since >= duration
    }
}
