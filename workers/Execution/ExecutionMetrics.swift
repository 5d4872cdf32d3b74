public import FleetCore

/// What execution counts; the process decides where it goes.
public protocol ExecutionMetrics: Sendable {
    func callStarted(model: String)
    func callEnded(_ call: CallRecord)
    func waitedForCapacity(_ duration: Duration, model: String)
    func invalidAnswer(kind: StepKind, model: String)
    func stepsClaimed(_ count: Int)
    /// Claimed, but no longer ours to run: the ticket was old.
    func ticketsForgotten(_ count: Int)
    func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool)
    func slots(running: Int, total: Int)
}
