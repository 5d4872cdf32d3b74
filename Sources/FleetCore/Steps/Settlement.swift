package import JSON

/// How an attempt at a step ended: exactly one of these, written once, fenced by the attempt number.
package enum StepOutcome: Sendable, Equatable {
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
    package struct Answer: Sendable, Equatable {
        /// The model's text, byte for byte. Kept as the step's result, or as the metadata of its solution.
        package var json: String
        /// What people read: a specialist's text, for other kinds the same as `json`.
        package var content: String
        /// As the model states it, meant as 0 to 1; nil if its answer has none.
        package var confidence: Double?
        /// Version of the solution, from 1: one more than the version that was improved.
        package var version: Int

        package init(json: String, content: String, confidence: Double?, version: Int) {
            self.json = json
            self.content = content
            self.confidence = confidence
            self.version = version
        }

        /// What `json` says; nil if it is no JSON.
        package var value: JSONValue? { try? JSONValue(parsing: json) }
    }

    /// Why a parked step waits; the raw value is shown to users.
    package enum WaitReason: String, Sendable, CaseIterable {
        case backoff
        /// A reserved turn in a rate limit: the step may go ahead when it has come.
        case reservedTurn = "rate_limit_slot"
        /// No capacity within the horizon of turns: asks again.
        case rateLimitCapacity = "rate_limit_capacity"
        /// As many calls are under way as the limit allows at once: asks again.
        case concurrencyLimit = "concurrency_limit"
        case providerRateLimit = "provider_rate_limit"
        case limiterUnavailable = "limiter_unavailable"
        case circuitOpen = "circuit_open"
        /// An operator has paused its type, its user or its batch.
        case paused

        /// It is not the step's fault: others of its agent type would meet the same.
        package var isForCapacity: Bool { self != .backoff && self != .paused }
    }

    /// A provider said that its limit is reached: what the waits for that grow with.
    package var isThrottle: Bool {
        if case .retry(_, .providerRateLimit, _, countsAsFailure: false) = self { true } else { false }
    }
}

/// What a worker writes about an attempt.
package struct Settlement: Sendable {
    /// The step that was claimed.
    package var stepID: Int
    /// The claim's number: if the row has another one by now, the settlement is stale (I3).
    package var attempt: Int
    /// Of the step, for its ledger rows.
    package var taskID: String
    /// Of the step, for its ledger rows.
    package var agentType: String
    /// Of the step: decides whether the answer becomes a solution.
    package var kind: StepKind
    /// What the step's row becomes, unless its task was cancelled meanwhile.
    package var outcome: StepOutcome
    /// The attempt's calls that may have been sent, in order; kept even if the settlement is stale.
    package var calls: [CallRecord]
    /// `calls` are all there were; false: some cannot be booked. Only if nothing is missing do they stand in the place
    /// of the row that a takeover has written for the attempt.
    package var isComplete = true

    /// Names the step as it was claimed.
    package init(step: ClaimedStep, outcome: StepOutcome, calls: [CallRecord]) {
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
package enum SettlementResult: Sendable, Equatable {
    case applied
    /// The attempt is no longer the step's: somebody took over, or it was settled before.
    case stale
}
