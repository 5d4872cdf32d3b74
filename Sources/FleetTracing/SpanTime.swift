import FleetCore
import Tracing

/// Wall-clock time of a span: one look at that clock, and the rest measured from there, so that what is nested in time stays
/// nested while the clock is being set.
struct SpanTime: Sendable {
    private let nanoseconds: UInt64
    private let now: Duration

    /// - Parameter now: by the process's own clock.
    init(now: Duration) {
        nanoseconds = DefaultTracerClock.now.nanosecondsSinceEpoch
        self.now = now
    }

    func instant(_ moment: Duration) -> DefaultTracerClock.Timestamp {
        let since = Int64(((moment - now) / .nanoseconds(1)).rounded())
        let sum = UInt64(clamping: Int64(clamping: nanoseconds) &+ since)
        return DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: sum)
    }

    /// - Parameter microseconds: since 1970-01-01 UTC.
    static func instant(microseconds: Int) -> DefaultTracerClock.Timestamp {
        DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: UInt64(max(0, microseconds)) * 1000)
    }
}
