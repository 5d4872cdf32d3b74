/// How long to wait before starting a process again: at once after a good run, ever longer in a restart loop.
struct RestartPolicy: Sendable, Equatable {
    static let longest = Duration.seconds(30)
    private static let step = Duration.milliseconds(250)

    /// Runs in a row that ended before they were any good.
    private(set) var failures = 0

    /// Notes the end of a run and answers the pause before the next.
    ///
    /// - Parameters:
    ///   - wasReady: the run had become ready.
    ///   - lived: from its start to its end.
    ///   - pause: the pause after a good run.
    mutating func pause(wasReady: Bool, lived: Duration, first pause: Duration) -> Duration {
        let wasGood = (wasReady && lived >= .seconds(1)) || lived >= .seconds(30)
        failures = wasGood ? 0 : failures + 1
        guard failures > 1 else { return pause }
        return max(pause, min(Self.longest, Self.step * (1 << min(failures - 2, 16))))
    }

    mutating func reset() { failures = 0 }
}
