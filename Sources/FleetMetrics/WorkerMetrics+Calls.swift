package import FleetCore

extension WorkerMetrics {
    /// It has its capacity and is about to be sent.
    package func callStarted(model: String) { calls.started(model: model) }

    /// Also one that could not be sent.
    package func callEnded(_ call: CallRecord) { calls.ended(call) }

    /// The provider's own numbers of tokens disagree.
    package func usageMismatch(provider: String, model: String) {
        calls.usageMismatch(provider: provider, model: model)
    }

    /// The catalogue has no factor for the service tier that answered.
    package func unknownTier(provider: String, model: String) { calls.unknownTier(provider: provider, model: model) }

    /// From asking for capacity to its grant; a parked step has none.
    package func waitedForCapacity(_ duration: Duration, model: String) { calls.waited(duration, model: model) }

    package func limiterDecided(_ decision: LimiterDecision, _ key: RateLimitKey) {
        calls.decided(decision, provider: key.provider, limitClass: key.limitClass)
    }

    /// It does not fit its schema, be it the first answer or the repair.
    package func invalidAnswer(kind: StepKind, model: String) { calls.invalidAnswer(kind: kind, model: model) }

    /// Tokens of a section that a prompt had no room for.
    package func inputCut(kind: StepKind, section: String, tokens: Int) {
        calls.inputCut(kind: kind, section: section, tokens: tokens)
    }

    /// Circuits that are not closed, whenever they change; model nil: of the whole provider.
    package func circuits(_ open: [(provider: String, model: String?)]) { calls.show(open) }
}
