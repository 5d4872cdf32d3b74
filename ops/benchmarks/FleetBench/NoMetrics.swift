import Execution
import FleetCore

/// Counts nothing.
struct NoMetrics: ExecutionMetrics {
    func callStarted(model: String) {}
    func callEnded(_ call: CallRecord) {}
    func waitedForCapacity(_ duration: Duration, model: String) {}
    func invalidAnswer(kind: StepKind, model: String) {}
    func stepsClaimed(_ count: Int) {}
    func ticketsForgotten(_ count: Int) {}
    func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool) {}
    func slots(running: Int, total: Int) {}
}
