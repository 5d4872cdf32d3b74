/// How fast a batch's tasks have ended of late.
///
/// Looked at are the last thousand ends of the last hour. The oldest of them only begins the time that is measured, so
/// that neither the time before the first end nor an end without a time before it counts.
package struct BatchPace: Sendable, Equatable {
    /// Ends that are looked at, and the seconds that they may be old.
    package static let most = 1000
    package static let oldest = 3600

    /// Ends after the oldest one.
    package var ends: Int
    /// Since the oldest one, in seconds.
    package var seconds: Double

    /// Nil if there is nothing to be measured yet.
    ///
    /// - Parameters:
    ///   - looked: ends that were found, the oldest included.
    ///   - seconds: since the oldest one.
    package init?(looked: Int, seconds: Double) {
        guard looked > 1, seconds > 0 else { return nil }
        ends = looked - 1
        self.seconds = seconds
    }

    package var perMinute: Double { Double(ends) * 60 / seconds }
}
