/// Everything the twin counts; a plain value, guarded by `TwinState`.
///
/// A model call is counted when it ends: answered in full, refused, or cut off. Its status is the one whose head was
/// sent, 0 when nothing was sent (the client left, or an injected time-out). Tokens are those of replies sent in
/// full with status 200: exactly the usage a client can have read. Cut-off replies count no tokens.
struct TwinCounters {
    private(set) var requests = 0
    private(set) var byStatus: [Int: Int] = [:]
    private(set) var byEndpoint: [Endpoint: Int] = [:]
    private(set) var byModel: [String: Int] = [:]
    private(set) var inputTokens = 0
    private(set) var outputTokens = 0
    private(set) var inFlight = 0
    private(set) var maxInFlight = 0

    mutating func begin() {
        inFlight += 1
        maxInFlight = max(maxInFlight, inFlight)
    }

    mutating func end(_ outcome: CallOutcome) {
        inFlight -= 1
        requests += 1
        byStatus[outcome.status, default: 0] += 1
        byEndpoint[outcome.endpoint, default: 0] += 1
        if let model = outcome.model { byModel[model, default: 0] += 1 }
        inputTokens += outcome.inputTokens
        outputTokens += outcome.outputTokens
    }

    /// Forgets everything but the calls that are in flight.
    mutating func reset() {
        let inFlight = inFlight
        self = TwinCounters()
        self.inFlight = inFlight
        maxInFlight = inFlight
    }
}
