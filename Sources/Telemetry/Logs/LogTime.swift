import Glibc

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
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        append(Int(parts.tm_year) + 1900, digits: 4, then: "-", to: &bytes)
        append(Int(parts.tm_mon) + 1, digits: 2, then: "-", to: &bytes)
        append(Int(parts.tm_mday), digits: 2, then: "T", to: &bytes)
        append(Int(parts.tm_hour), digits: 2, then: ":", to: &bytes)
        append(Int(parts.tm_min), digits: 2, then: ":", to: &bytes)
        append(Int(parts.tm_sec), digits: 2, then: ".", to: &bytes)
        append(time.tv_nsec / 1000, digits: 6, then: "Z", to: &bytes)
    }

    private func append(_ number: Int, digits: Int, then separator: Unicode.Scalar, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
        bytes.append(UInt8(ascii: separator))
    }
}
