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

/// Counts nothing: for tests, benchmarks and simulations.
public struct NoExecutionMetrics: ExecutionMetrics {
    public init() {}

    public func callStarted(model: String) {}
    public func callEnded(_ call: CallRecord) {}
    public func waitedForCapacity(_ duration: Duration, model: String) {}
    public func invalidAnswer(kind: StepKind, model: String) {}
    public func stepsClaimed(_ count: Int) {}
    public func ticketsForgotten(_ count: Int) {}
    public func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool) {}
    public func slots(running: Int, total: Int) {}
}
