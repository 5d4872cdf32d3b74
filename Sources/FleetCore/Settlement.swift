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

    /// What a model said, after its schema was satisfied.
    public struct Answer: Sendable, Equatable {
        /// The model's text, byte for byte. Kept as the step's result, or as the metadata of its solution.
        public var json: String
        /// What people read: a specialist's text, for other kinds the same as `json`.
        public var content: String
        /// As the model states it, meant as 0 to 1; nil if its answer has none.
        public var confidence: Double?
        /// Version of the solution, from 1: one more than the version that was improved.
        public var version: Int

        /// All parts as read from the answer.
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

        /// It is not the step's fault: others of its agent type would meet the same.
        public var isForCapacity: Bool { self != .backoff }
    }

    /// A provider said that its limit is reached: what the waits for that grow with.
    public var isThrottle: Bool {
        if case .retry(_, .providerRateLimit, _, countsAsFailure: false) = self { true } else { false }
    }
}

/// What a worker writes about an attempt.
public struct Settlement: Sendable {
    /// The step that was claimed.
    public var stepID: Int
    /// The claim's number: if the row has another one by now, the settlement is stale (I3).
    public var attempt: Int
    /// Of the step, for its ledger rows.
    public var taskID: String
    /// Of the step, for its ledger rows.
    public var agentType: String
    /// Of the step: decides whether the answer becomes a solution.
    public var kind: StepKind
    /// What the step's row becomes, unless its task was cancelled meanwhile.
    public var outcome: StepOutcome
    /// The attempt's calls that may have been sent, in order; kept even if the settlement is stale.
    public var calls: [CallRecord]
    /// `calls` are all there were; false: some cannot be booked. Only if nothing is missing do they stand in the place
    /// of the row that a takeover has written for the attempt.
    public var isComplete = true

    /// Names the step as it was claimed.
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
