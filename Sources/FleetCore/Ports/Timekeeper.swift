/// Time as one process sees it: a port, so that a simulation can let hours pass in a moment.
package protocol Timekeeper: Sendable {
    /// Time since a fixed moment in the past; never goes backwards.
    var now: Duration { get }

    /// Waits.
    ///
    /// - Throws: `CancellationError` as soon as the surrounding task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own monotonic clock.
package struct SystemTimekeeper: Timekeeper {
    private static let start = ContinuousClock.now

    /// All of a process share one start, so their times can be compared.
    package init() {}

    /// Time since the process first asked.
    package var now: Duration { ContinuousClock.now - Self.start }

    /// Takes real time, unlike a simulation's.
    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
