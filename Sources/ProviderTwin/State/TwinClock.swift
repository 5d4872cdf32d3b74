import FoundationEssentials
import NIOCore

/// Clock readings.
enum TwinClock {
    /// Nanoseconds on a clock that never goes back; only differences mean something.
    static func monotonicNanoseconds() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    /// Milliseconds since 1970.
    static func wallMilliseconds() -> Int { Int(Date().timeIntervalSince1970 * 1000) }
}
