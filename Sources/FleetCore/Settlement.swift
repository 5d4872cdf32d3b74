/// How an attempt at a step ended: exactly one of these, written once, fenced by the attempt number.
public enum StepOutcome: Sendable, Equatable {
    /// A validated answer, as JSON text; for solutions also the text that people read and a confidence.
    case succeeded(Answer)
    /// Try again after a while; `countsAsFailure` uses up one of the retries.
    case retry(after: Duration, reason: WaitReason, error: String?, countsAsFailure: Bool)
    /// Given back untouched: the worker is shutting down. Costs nothing.
    case handedBack
    /// Will not succeed however often it is tried.
    case failed(error: String)
    /// Retries ran out: goes to the dead letters.
    case dead(error: String)
    case cancelled

    public struct Answer: Sendable, Equatable {
        public var json: String
        public var content: String
        public var confidence: Double?
        public var version: Int

        public init(json: String, content: String, confidence: Double?, version: Int) {
            self.json = json
            self.content = content
            self.confidence = confidence
            self.version = version
        }
    }

    /// Why a parked step waits; the raw value is shown to users.
    public enum WaitReason: String, Sendable, CaseIterable {
        case backoff
        /// A reserved rate-limit slot: the step may go ahead when it has come.
        case rateLimitSlot = "rate_limit_slot"
        /// No capacity within the horizon of slots: asks again.
        case rateLimitCapacity = "rate_limit_capacity"
        case providerRateLimit = "provider_rate_limit"
        case limiterUnavailable = "limiter_unavailable"
        case circuitOpen = "circuit_open"
    }
}

/// One call to a provider, for the ledger. Every request that may have been sent has one, answered or not.
public struct CallRecord: Sendable, Equatable {
    /// 1, 2, ... within the attempt.
    public var number: Int
    public var provider: String
    public var model: String
    public var usage: TokenUsage
    public var cost: Decimal6
    /// `succeeded`, or a ``ModelFailure/Code``, or `invalid_answer`.
    public var outcome: String
    public var httpStatus: Int?
    public var providerRequestID: String?
    public var duration: Duration

    public init(
        number: Int, provider: String, model: String, usage: TokenUsage, cost: Decimal6, outcome: String,
        httpStatus: Int?, providerRequestID: String?, duration: Duration
    ) {
        self.number = number
        self.provider = provider
        self.model = model
        self.usage = usage
        self.cost = cost
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.providerRequestID = providerRequestID
        self.duration = duration
    }
}

/// What a worker writes about an attempt.
public struct Settlement: Sendable {
    public var stepID: Int
    public var attempt: Int
    public var taskID: String
    public var agentType: String
    public var kind: StepKind
    public var outcome: StepOutcome
    public var calls: [CallRecord]

    public init(step: ClaimedStep, outcome: StepOutcome, calls: [CallRecord]) {
        stepID = step.stepID
        attempt = step.attempt
        taskID = step.taskID
        agentType = step.agentType
        kind = step.kind
        self.outcome = outcome
        self.calls = calls
    }
}

/// Whether a settlement took effect. Its calls are in the ledger either way: the money is spent.
public enum SettlementResult: Sendable, Equatable {
    case applied
    /// The attempt is no longer the step's: somebody took over, or it was settled before.
    case stale
}
