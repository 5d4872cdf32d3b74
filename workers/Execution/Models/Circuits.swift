import FleetCore

/// The circuits of all models and providers, as one worker sees them.
///
/// What concerns a model opens its own circuit; what concerns all models of a provider (nobody there answers, the credit is
/// used up, the key is refused whatever is asked) opens the provider's.
struct Circuits {
    struct Key: Hashable {
        var provider: String
        /// Nil: the provider as a whole.
        var model: String?
    }

    /// An open circuit; times as the breaker measures them.
    struct Opening: Equatable {
        var key: Key
        var reason: CircuitBreaker.Reason
        var error: String
        var since: Duration
        var until: Duration
    }

    private var breakers: [Key: CircuitBreaker] = [:]
    private var errors: [Key: String] = [:]

    /// When the model may next be called; nil if it may be now.
    func closedUntil(_ model: ModelSpec, at now: Duration) -> Duration? {
        Self.keys(of: model).compactMap { breakers[$0]?.closedUntil(at: now) }.max()
    }

    /// A call goes out now.
    ///
    /// - Precondition: ``closedUntil(_:at:)`` is nil.
    mutating func willCall(_ model: ModelSpec, at now: Duration) {
        for key in Self.keys(of: model) { breakers[key]?.willCall(at: now) }
    }

    mutating func recordAnswer(_ model: ModelSpec, step: Int, start: Duration, at now: Duration) {
        // Nothing is open or counted, as a rule.
        guard !breakers.isEmpty else { return }
        for key in Self.keys(of: model) { record(.answered, key, step, start, now) }
    }

    mutating func record(_ failure: ModelFailure, _ model: ModelSpec, step: Int, start: Duration, at now: Duration) {
        let (ofModel, ofProvider) = Self.evidence(failure)
        for (key, evidence) in zip(Self.keys(of: model), [ofModel, ofProvider]) {
            if case .fault = evidence { errors[key] = failure.description.cut(to: 300) }
            record(evidence, key, step, start, now)
        }
    }

    /// A call that ``willCall(_:at:)`` announced was not made.
    mutating func abandon(_ model: ModelSpec, at now: Duration) {
        guard !breakers.isEmpty else { return }
        for key in Self.keys(of: model) { record(.none, key, 0, now, now) }
    }

    private mutating func record(
        _ evidence: CircuitBreaker.Evidence, _ key: Key, _ step: Int, _ start: Duration, _ now: Duration
    ) {
        let new = CircuitBreaker(isOfProvider: key.model == nil)
        var breaker = breakers[key] ?? new
        breaker.record(evidence, step: step, start: start, at: now)
        // Only those of which there is something to remember are kept.
        breakers[key] = breaker == new ? nil : breaker
        if breaker == new { errors[key] = nil }
    }

    /// - Parameters:
    ///   - provider: nil: all.
    ///   - model: nil: all of the provider, and its own.
    mutating func reset(provider: String?, model: String?) {
        for key in breakers.keys where provider == nil || key.provider == provider {
            if let model, key.model != model { continue }
            breakers[key] = nil
        }
    }

    /// Those that are not closed.
    var openings: [Opening] {
        breakers.compactMap { key, breaker in
            breaker.opening.map {
                Opening(
                    key: key, reason: $0.reason, error: errors[key] ?? "", since: $0.since, until: $0.until)
            }
        }.sorted { ($0.key.provider, $0.key.model ?? "") < ($1.key.provider, $1.key.model ?? "") }
    }

    private static func keys(of model: ModelSpec) -> [Key] {
        [Key(provider: model.provider, model: model.name), Key(provider: model.provider, model: nil)]
    }

    /// What a failure says of the model, and of its provider.
    private static func evidence(
        _ failure: ModelFailure
    ) -> (model: CircuitBreaker.Evidence, provider: CircuitBreaker.Evidence) {
        switch failure.code {
        case .unreachable: (.none, .fault(.failing))
        case .quotaExhausted: (.none, .fault(.quotaExhausted))
        case .unauthorized: (.fault(.unauthorized), .fault(.unauthorized))
        case .modelNotFound: (.fault(.modelNotFound), .heard)
        case .invalidRequest: (.fault(.refusesRequests), .heard)
        // Several models may fail at once, and each has its own circuit.
        case .overloaded, .serverError, .timedOut:
            (.fault(.failing), failure.status == nil ? .none : .heard)
        case .rateLimited: (.heard, .heard)
        // The answer or the prompt is at fault, not who answers.
        case .truncated, .outputLimit, .malformed, .refused, .promptTooLarge: (.answered, .answered)
        case .cancelled: (.none, .none)
        }
    }
}
