/// A moment on the monotonic clock until which something is waited for.
package struct Deadline: Sendable {
    package let instant: ContinuousClock.Instant

    package init(after duration: Duration) {
        instant = .now.advanced(by: duration)
    }

    package init(_ instant: ContinuousClock.Instant) {
        self.instant = instant
    }

    package var hasPassed: Bool { ContinuousClock.now >= instant }

    /// For `poll`: rounded up, so that a wait never ends just before its deadline and spins.
    package var pollMilliseconds: Int32 {
        let left = ContinuousClock.now.duration(to: instant)
        guard left > .zero else { return 0 }
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: milliseconds)
    }

    package func earlier(of other: Deadline) -> Deadline { instant < other.instant ? self : other }
}
