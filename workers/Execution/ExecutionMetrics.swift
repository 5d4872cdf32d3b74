package import FleetCore

/// What execution counts; the process decides where it goes.
package protocol ExecutionMetrics: Sendable {
    func callStarted(model: String)
    func callEnded(_ call: CallRecord)
    func usageMismatch(provider: String, model: String)
    func unknownTier(provider: String, model: String)
    func waitedForCapacity(_ duration: Duration, model: String)
    func invalidAnswer(kind: StepKind, model: String)
    /// Tokens of a section that a prompt had no room for.
    func inputCut(kind: StepKind, section: String, tokens: Int)
    func stepsClaimed(_ count: Int)
    /// Claimed, but no longer ours to run: the ticket was old.
    func ticketsForgotten(_ count: Int)
    func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool)
    func slots(running: Int, total: Int)
    /// Circuits that are not closed, whenever they change; model nil: of the whole provider.
    func circuits(_ open: [(provider: String, model: String?)])
}

/// Counts nothing: for tests, benchmarks and simulations.
package struct NoExecutionMetrics: ExecutionMetrics {
    package init() {}

    /// Ignores a call that has its capacity and is about to be sent.
    package func callStarted(model: String) {}
    /// Ignores the end of a started call, also of one that could not be sent.
    package func callEnded(_ call: CallRecord) {}
    /// Ignores a provider whose own numbers of tokens disagree.
    package func usageMismatch(provider: String, model: String) {}
    /// Ignores a service tier that the catalogue has no factor for.
    package func unknownTier(provider: String, model: String) {}
    /// Ignores the time from asking for capacity to its grant; a parked step has none.
    package func waitedForCapacity(_ duration: Duration, model: String) {}
    /// Ignores an answer that does not fit its schema, be it the first or the repair.
    package func invalidAnswer(kind: StepKind, model: String) {}
    /// Ignores what was left out of a prompt, visibly there.
    package func inputCut(kind: StepKind, section: String, tokens: Int) {}
    /// Ignores how many steps one claim brought, perhaps none.
    package func stepsClaimed(_ count: Int) {}
    /// Ignores how many tickets of one claim were acknowledged without a step.
    package func ticketsForgotten(_ count: Int) {}
    /// Ignores an attempt that was written; stale: it no longer counted.
    package func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool) {}
    /// Ignores the places taken and in all, told with each heartbeat.
    package func slots(running: Int, total: Int) {}
    /// Ignores which circuits are open.
    package func circuits(_ open: [(provider: String, model: String?)]) {}
}
