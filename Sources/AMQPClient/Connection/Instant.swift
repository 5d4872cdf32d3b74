/// A point on the monotonic clock, in nanoseconds; cheap to store and compare in the loops.
struct Instant: Comparable {
    let nanoseconds: Int64

    static let distantFuture = Instant(nanoseconds: .max)

    static var now: Instant {
        let start = start
        return Instant(nanoseconds: (ContinuousClock.now - start).nanoseconds)
    }

    static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// Rounded up, so that a wait of this length does not end too early; never negative.
    func milliseconds(after other: Instant) -> Int64 {
        self <= other ? 0 : (nanoseconds - other.nanoseconds - 1) / 1_000_000 + 1
    }

    private static let start = ContinuousClock.now
}

extension Duration {
    /// Saturates instead of overflowing.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? .max : sum
    }
}
