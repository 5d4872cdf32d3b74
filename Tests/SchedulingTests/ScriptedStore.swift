import FleetCore
import Synchronization

/// Rows that say what a test wants, and remember what they were asked.
final class ScriptedStore: WorkflowStore {
    struct Script: Sendable {
        var loads: [QueueLoad] = []
        var advances: [AdvanceReport] = []
        var dispatches: [[Ticket]] = []
        var parked: [ParkedReport] = []
        var sweep: SweepReport? = SweepReport()
        /// Policies that sweeps were made with.
        var sweeps: [SweepPolicy] = []
        var undone: [Int] = []
        var dead: [(queue: String, reason: String)] = []
        /// Recordings of dead tickets that fail before one works.
        var failures = 0
    }

    let script: Mutex<Script>

    init(_ script: Script = Script()) { self.script = Mutex(script) }

    func load() async throws(StoreFailure) -> [QueueLoad] { script.withLock(\.loads) }

    func advance(
        limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
    ) async throws(StoreFailure) -> AdvanceReport {
        script.withLock { $0.advances.isEmpty ? AdvanceReport() : $0.advances.removeFirst() }
    }

    func dispatch(limitPerQueue: Int) async throws(StoreFailure) -> [Ticket] {
        script.withLock { $0.dispatches.isEmpty ? [] : $0.dispatches.removeFirst() }
    }

    func undoDispatch(stepIDs: [Int]) async throws(StoreFailure) { script.withLock { $0.undone += stepIDs } }

    func releaseParked(limit: Int) async throws(StoreFailure) -> ParkedReport {
        script.withLock { script in
            script.parked.isEmpty
                ? ParkedReport(released: 0, tickets: [], nextDue: nil) : script.parked.removeFirst()
        }
    }

    func sweep(_ policy: SweepPolicy) async throws(StoreFailure) -> SweepReport? {
        script.withLock { script in
            script.sweeps.append(policy)
            return script.sweep
        }
    }

    func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws(StoreFailure) {}

    func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) async throws(StoreFailure) {
        try script.withLock { script throws(StoreFailure) in
            guard script.failures == 0 else {
                script.failures -= 1
                throw StoreFailure(.outage, "away")
            }
            script.dead.append((ticket.queue, reason))
        }
    }
}

/// A broker that says how full its queues are, or does not, and refuses tickets of some types.
final class ScriptedBroker: TicketPublisher {
    struct Script: Sendable {
        /// Nil: no answer.
        var depths: [String: Int]? = ["manager": 5]
        var refusedTypes: Set<String> = []
        var published: [Int] = []
    }

    struct Away: Error {}

    let script: Mutex<Script>

    init(_ script: Script = Script()) { self.script = Mutex(script) }

    func publish(_ tickets: [Ticket]) async -> [Int] {
        script.withLock { script in
            let refused = tickets.filter { script.refusedTypes.contains($0.agentType) }.map(\.stepID)
            script.published += tickets.map(\.stepID).filter { !refused.contains($0) }
            return refused
        }
    }

    func queueDepths() async throws -> [String: Int] {
        guard let depths = script.withLock(\.depths) else { throw Away() }
        return depths
    }

    func hasListeners() async -> Bool? { false }

    func announce(_ events: [EventBatch]) async -> Bool { true }
}
