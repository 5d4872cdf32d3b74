import Glibc

/// This machine's clock.
enum PresentMoment {
    /// Since 1970-01-01 UTC.
    static var microseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }
}
