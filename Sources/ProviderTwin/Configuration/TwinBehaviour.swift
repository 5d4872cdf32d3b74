/// How the twin answers: what the command line sets and `/twin/control` changes while it runs.
public struct TwinBehaviour: Sendable, Equatable {
    /// Time a reply takes.
    public var latency: LatencyRange = .none
    /// Requests per minute for each credential and model; nil for no limit.
    public var requestsPerMinute: Int?
    /// Tokens per minute for each credential and model; nil for no limit.
    public var tokensPerMinute: Int?
    /// Faults and how often they happen.
    public var faults: FaultPlan = .none
    /// Where verdicts come from.
    public var answers: AnswerMode = .inputs
    /// Calls whose client left, or whose stream was cut off, are billed for what was done.
    public var billsDisconnects = true
    /// `retry-after` of an injected 429, 503 or 529, in seconds.
    public var retryAfterSeconds = 1
    /// How long an injected time-out holds the request, in seconds.
    public var timeoutSeconds = 600
    /// Pause between two pieces of a dribbled answer, in milliseconds.
    public var slowBytesPauseMilliseconds = 100

    /// No latency, no limits, no faults.
    public init() {}

    /// - Throws: `TwinError` when a limit is not positive.
    public init(
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
