/// Lets something happen at most once in a while.
package struct Cadence: Sendable {
    private let interval: Duration
    private var last: Duration?

    /// - Parameter interval: least time between two occasions; the first one is at once.
    package init(every interval: Duration) {
        self.interval = interval
    }

    /// Whether it may happen now; then it counts as done. The time is measured from an arbitrary start.
    package mutating func isDue(at now: Duration) -> Bool {
        if let last, now - last < interval { return false }
        last = now
        return true
    }
}
