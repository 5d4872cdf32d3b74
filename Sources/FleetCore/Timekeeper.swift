/// Time as one process sees it: a port, so that a simulation can let hours pass in a moment.
public protocol Timekeeper: Sendable {
    /// Time since a fixed moment in the past; never goes backwards.
    var now: Duration { get }

    /// Waits.
    ///
    /// - Throws: `CancellationError` as soon as the surrounding task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own monotonic clock.
public struct SystemTimekeeper: Timekeeper {
    private static let start = ContinuousClock.now

    /// All of a process share one start, so their times can be compared.
    public init() {}

    /// Time since the process first asked.
    public var now: Duration { ContinuousClock.now - Self.start }

    /// Takes real time, unlike a simulation's.
    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
