import FleetCore

/// Whether the fleet goes on once nothing is wrong any more.
extension Oracle {
    /// L: while tasks are open, somebody is at work: no longer pause between calls than the longest wait that there is.
    mutating func judgeProgress(_ healed: Range<Duration>) {
        let pause = longestPause(healed)
        let longest = plan.isLimitedPerMinute ? Self.longestLimitedPause : Self.longestPause
        if pause.length > longest { note("L", "nothing was done for \(pause.length) from \(pause.start) on") }
    }

    /// The longest time without a call in flight.
    func longestPause(_ healed: Range<Duration>) -> (start: Duration, length: Duration) {
        var longest = (start: healed.lowerBound, length: Duration.zero)
        var busyUntil = healed.lowerBound
        func note(_ end: Duration) {
            if end - busyUntil > longest.length { longest = (busyUntil, end - busyUntil) }
        }
        for call in calls where call.until > healed.lowerBound {
            note(min(call.at, healed.upperBound))
            busyUntil = max(busyUntil, call.until)
        }
        note(healed.upperBound)
        return longest
    }

    /// A lease has to run out if a worker and the ticket of its step were lost together; a call that hangs is given up after
    /// 5 s. The longest back-off is shorter, 20 s.
    private static let longestPause: Duration = SweepPolicy().lease + .seconds(5)
    /// A full minute has to pass, and those who waited for it come back within 5 s.
    private static let longestLimitedPause: Duration = .seconds(65)
}
