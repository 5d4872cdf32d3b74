/// How the twin answers: what the command line sets and `/twin/control` changes while it runs.
package struct TwinBehaviour: Sendable, Equatable {
    /// Time a reply takes.
    package var latency: LatencyRange = .none
    /// Requests per minute for each credential and model; nil for no limit.
    package var requestsPerMinute: Int?
    /// Tokens per minute for each credential and model; nil for no limit.
    package var tokensPerMinute: Int?
    /// Faults and how often they happen.
    package var faults: FaultPlan = .none
    /// Where verdicts come from.
    package var answers: AnswerMode = .inputs
    /// Calls whose client left, or whose stream was cut off, are billed for what was done.
    package var billsDisconnects = true
    /// `retry-after` of an injected 429, 503 or 529, in seconds.
    package var retryAfterSeconds = 1
    /// Prompts that contain it are refused, as a provider's moderation does; nil for none.
    package var flaggedText: String?
    /// How long an injected time-out holds the request, in seconds.
    package var timeoutSeconds = 600
    /// Pause between two pieces of a dribbled answer, in milliseconds.
    package var slowBytesPauseMilliseconds = 100

    /// No latency, no limits, no faults.
    package init() {}

    /// - Throws: `TwinError` when a limit is not positive.
    package init(
        latency: LatencyRange, requestsPerMinute: Int?, tokensPerMinute: Int?, faults: FaultPlan,
        answers: AnswerMode = .inputs, billsDisconnects: Bool = true
    ) throws {
        for (name, limit) in [("--rpm", requestsPerMinute), ("--tpm", tokensPerMinute)] {
            guard limit.map({ $0 > 0 }) ?? true else {
                throw TwinError(code: .invalidSetting, message: "\(name) must be 1 or more")
            }
        }
        self.latency = latency
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.faults = faults
        self.answers = answers
        self.billsDisconnects = billsDisconnects
    }
}
