import Glibc
import UTC

/// A point in time as log lines show it.
struct LogTime {
    /// Seconds and nanoseconds since 1970-01-01 UTC.
    var time: timespec

    static func now() -> LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(time: time)
    }

    /// Appends `2026-11-22T10:00:00.123456Z`: always six digits, so that lines sort as text.
    func append(to bytes: inout [UInt8]) {
        Timestamp.append(
            microseconds: time.tv_sec * 1_000_000 + time.tv_nsec / 1000, fraction: .microseconds, to: &bytes)
    }
}
