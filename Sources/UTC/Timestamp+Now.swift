import Glibc

extension Timestamp {
    /// The machine's clock, in microseconds since 1970-01-01 UTC.
    package static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
}
