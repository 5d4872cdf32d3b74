/// A bucket set: the models of one class, called with one credential, share their limits.
package struct RateLimitKey: Sendable, Hashable {
    /// As in the model catalogue: `openai`, `anthropic`.
    package var provider: String
    /// A short digest of the credential, never the credential.
    package var credential: String
    /// The models' ``ModelSpec/limitClass``.
    package var limitClass: String

    /// Names a bucket set; nothing is created by it.
    package init(provider: String, credential: String, limitClass: String) {
        self.provider = provider
        self.credential = credential
        self.limitClass = limitClass
    }
}

/// Limits of a bucket set, per minute; nil: unlimited.
package struct RateLimits: Sendable, Hashable {
    /// Calls per minute.
    package var requests: Int?
    /// Input and output together, as OpenAI counts.
    package var tokens: Int?
    /// Prompt tokens per minute, as Anthropic counts.
    package var inputTokens: Int?
    /// Generated tokens per minute, as Anthropic counts.
    package var outputTokens: Int?
    /// Calls in flight.
    package var concurrency: Int?

    /// What is left out is unlimited.
    package init(
        requests: Int? = nil, tokens: Int? = nil, inputTokens: Int? = nil, outputTokens: Int? = nil,
        concurrency: Int? = nil
    ) {
        self.requests = requests
        self.tokens = tokens
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.concurrency = concurrency
    }

    /// The specification's limits (section "AI API Rate Limiting"; concurrency from "Global System Rate Limiting").
    package static func specified(for provider: String) -> RateLimits {
        switch provider {
        case "openai": RateLimits(requests: 3500, tokens: 90_000, concurrency: 100)
        case "anthropic": RateLimits(requests: 50, tokens: 100_000, concurrency: 100)
        default: RateLimits(requests: 50, tokens: 90_000, concurrency: 100)
        }
    }
}

/// What a call will take, as far as one can know before it.
package struct TokenEstimate: Sendable, Equatable {
    /// Prompt tokens, cached ones included.
    package var inputTokens: Int
    /// Generated tokens; at most what the request allows.
    package var outputTokens: Int

    /// A guess from what earlier calls have used.
    package init(inputTokens: Int, outputTokens: Int) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// What a call that is over has used: no guess any more.
    package init(_ usage: TokenUsage) {
        self.init(inputTokens: usage.inputTokens, outputTokens: usage.outputTokens)
    }
}

/// Capacity taken for one call; given back or corrected by ``RateLimiter/settle(_:usage:reported:cooldown:)``.
package struct Reservation: Sendable {
    /// The bucket set that it was taken from.
    package var key: RateLimitKey
    /// What was counted for it; settling puts the real usage in its place.
    package var estimate: TokenEstimate
    /// Names the holder, so that a leaked reservation expires and a double settlement does nothing.
    package var holder: String
    /// Where the limiter counted it.
    package var cell: String

    /// Made by the limiter; others hand it back unread.
    package init(key: RateLimitKey, estimate: TokenEstimate, holder: String, cell: String) {
        self.key = key
        self.estimate = estimate
        self.holder = holder
        self.cell = cell
    }
}

/// The limiter's answer.
package enum ReservationDecision: Sendable {
    case granted(Reservation)
    /// Ask again after this, with `holdsSlot` as it says: the caller has been through the queue of slots, or not yet.
    case wait(Duration, holdsSlot: Bool)
    /// The slot that was reserved comes only after this: park the step, come back with `holdsSlot`.
    case slot(after: Duration)
}

/// Buckets that all workers share. Fails closed: without an answer there is no call.
package protocol RateLimiter: Sendable {
    /// Takes capacity for one call, or says when to ask again.
    ///
    /// - Parameter holdsSlot: the caller waited for a slot reserved earlier and does not queue again.
    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsSlot: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision

    /// Replaces the estimate with what was really used; nil usage: nothing was sent. Does not wait until it is known.
    ///
    /// - Parameter cooldown: the provider answered 429 and wants nobody to call for this long.
    func settle(
        _ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?)

    /// Takes over what operators have set, all of it.
    func use(_ settings: [LimitSetting])

    /// Takes note of what a provider's answer has said of its limits, at that moment. Does not wait until it is known.
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits)
}
