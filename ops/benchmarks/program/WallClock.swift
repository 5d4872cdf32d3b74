import Glibc

/// The clock that all processes of one machine share.
enum WallClock {
    /// Microseconds since 1970-01-01 UTC.
    static var microseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
}
