import Execution
import FleetCore
import Scheduling

/// Nobody counts in a simulation: the oracle looks at everything.
struct SilentMetrics: ExecutionMetrics, SchedulerMetrics {
    func callStarted(model: String) {}
    func callEnded(_ call: CallRecord) {}
    func waitedForCapacity(_ duration: Duration, model: String) {}
    func invalidAnswer(kind: StepKind, model: String) {}
    func stepsClaimed(_ count: Int) {}
    func ticketsForgotten(_ count: Int) {}
    func stepSettled(kind: StepKind, agentType: String, outcome: String, isStale: Bool) {}
    func slots(running: Int, total: Int) {}
    func advanced(tasks: Int, newSteps: Int, duration: Duration) {}
    func finished(_ status: TaskStatus) {}
    func dispatched(_ count: Int, refused: Int, duration: Duration) {}
    func swept(_ report: SweepReport) {}
    func load(_ queues: [QueueLoad]) {}
    func deadTicket(queue: String) {}
}
