import FleetCore

/// What a failed call means for its step: the retry table in one place, and the only layer that retries.
struct RetryPolicy: Sendable {
    var backoff = Backoff()

    /// A third of a circuit's rest: when calls go on again, nobody is late by more.
    private static let waitForHumans: Duration = .seconds(10)
    /// A model whose provider asks for a longer wait than this is left for the next one. Limits per minute are open again
    /// by then; what lasts longer is a quota per day or week, or an outage, and no reason for the next model to idle.
    static let longestWaitForOneModel: Duration = .seconds(90)

    enum Decision: Equatable {
        /// The request will not get better here: ask the next model in this same attempt.
        case nextModel
        case settle(StepOutcome)
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - failures, throttles: the step's counters before this failure.
    ///   - hasOtherModel: another model is left whose circuit is closed.
    ///   - random: a number in 0..<1 for the jitter.
    func decide(
        _ failure: ModelFailure, failures: Int, throttles: Int, hasOtherModel: Bool, random: Double
    ) -> Decision {
        let isLongAway = failure.isRetriable && (failure.retryAfter ?? .zero) > Self.longestWaitForOneModel
        if isLongAway && hasOtherModel { return .nextModel }
        switch failure.code {
        case .rateLimited:
            let wait = backoff.unlimitedDelay(
                afterEvents: min(throttles + 1, 5), atLeast: failure.retryAfter ?? .zero, random: random)
            return .settle(
                .retry(after: wait, reason: .providerRateLimit, error: failure.description, countsAsFailure: false))
        case .unauthorized where failure.status == 403:
            // Perhaps what the step says is forbidden, not who asks: then it would go round for ever.
            if hasOtherModel { return .nextModel }
            return .settle(failedAttempt(failure.description, failures: failures, random: random))
        case .quotaExhausted, .unauthorized:
            if hasOtherModel { return .nextModel }
            // Nothing is lost by waiting for a human: the step says what it waits for. The circuits decide who asks.
            let wait = Self.waitForHumans + Self.waitForHumans * (0.25 * random)
            return .settle(
                .retry(after: wait, reason: .circuitOpen, error: failure.description, countsAsFailure: false))
        case .refused, .promptTooLarge, .invalidRequest, .modelNotFound:
            return hasOtherModel ? .nextModel : .settle(.failed(error: failure.description))
        case .overloaded, .serverError, .unreachable, .timedOut, .truncated, .outputLimit, .malformed:
            return .settle(
                failedAttempt(failure.description, failures: failures, atLeast: failure.retryAfter, random: random))
        case .cancelled:
            return .settle(.cancelled)
        }
    }

    /// Of two outcomes the one after which the step is tried sooner, if both are waits; otherwise the first.
    static func sooner(_ outcome: StepOutcome, _ other: StepOutcome?) -> StepOutcome {
        guard case .retry(let wait, _, _, _) = outcome, case .retry(let otherWait, _, _, _)? = other else {
            return outcome
        }
        return otherWait < wait ? other ?? outcome : outcome
    }

    /// An attempt that did not give a usable answer: again after a while, or a dead letter.
    func failedAttempt(_ error: String, failures: Int, atLeast: Duration? = nil, random: Double) -> StepOutcome {
        guard
            let wait = backoff.delay(afterFailures: failures + 1, atLeast: atLeast ?? .zero, random: random)
        else { return .dead(error: error) }
        return .retry(after: wait, reason: .backoff, error: error, countsAsFailure: true)
    }
}
