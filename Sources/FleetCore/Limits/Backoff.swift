/// The waits between attempts: 1, 2, 4, 8, 16 s, each stretched by up to a quarter.
///
/// The jitter is only ever added: a retry that comes earlier than the base wait helps nobody, and many retries
/// at the same instant are how one hiccup becomes a storm.
package struct Backoff: Sendable, Equatable {
    /// Failures that are retried; the next one is final. The specification's five.
    package var maximumRetries: Int
    /// Base wait after the first failure; each further failure doubles it.
    package var firstDelay: Duration
    /// Doubling ends here; what the provider asked for may be longer.
    package var maximumDelay: Duration
    /// Largest share of the base wait that is added, up to a minute.
    package var jitter: Double

    /// Without arguments, the waits that workers use.
    package init(
        maximumRetries: Int = 5, firstDelay: Duration = .seconds(1), maximumDelay: Duration = .seconds(16),
        jitter: Double = 0.25
    ) {
        self.maximumRetries = maximumRetries
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.jitter = jitter
    }

    /// How long to wait after a failure, or nil if it was the last one.
    ///
    /// - Parameters:
    ///   - failures: failures so far, this one included (1 for the first).
    ///   - atLeast: what the provider asked for.
    ///   - random: a number in 0..<1.
    package func delay(afterFailures failures: Int, atLeast: Duration = .zero, random: Double) -> Duration? {
        guard failures <= maximumRetries else { return nil }
        return wait(step: failures, atLeast: atLeast, random: random)
    }

    /// The wait for an event that costs no attempt (a rate limit): grows alike, never runs out.
    package func unlimitedDelay(afterEvents events: Int, atLeast: Duration = .zero, random: Double) -> Duration {
        wait(step: events, atLeast: atLeast, random: random)
    }

    private func wait(step: Int, atLeast: Duration, random: Double) -> Duration {
        let doubled = firstDelay * (1 << min(max(step, 1) - 1, 20))
        let base = max(min(doubled, maximumDelay), atLeast)
        return base + min(base * (jitter * random), .seconds(60))
    }
}
