package import FleetCore
import JSON
package import PostgresClient
import Synchronization

/// The scheduler's side of the rows, on PostgreSQL.
///
/// An advance of many tasks is one transaction of three round trips: take the wake-ups, load and lock, write and
/// dispatch. Every write is one statement for all tasks of the batch.
package final class PostgresWorkflowStore: WorkflowStore {
    let pool: PostgresPool
    private let stepIDs = StepIDReserve()
    /// The last task that the sweep for idle tasks has looked at; empty: begins anew.
    let idleCursor = Mutex("")
    private let wakeUpCursor = Mutex(WakeUpCursor(at: .now))

    /// One per process: it keeps step ids in hand and remembers how far the sweep has looked.
    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// `decide` runs on the connection's thread, and again after a deadlock or a refusal: it must have no effects. Step
    /// ids that it took before then stay unused.
    package func advance(
        limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
    ) async throws(StoreFailure) -> AdvanceReport {
        do throws(StoreFailure) {
            let start = wakeUpCursor.withLock { $0.begin(at: .now) }
            return try await advance(
                [
                    (Statements.takeWakeUps, [.int4(Int32(limit)), .int8(start)]),
                    AdmissionStatements.admit(limit: limit),
                ], dispatchLimit: dispatchLimit, decide)
        } catch  where error.kind == .refusal {
            return try await advanceOneByOne(limit: limit, dispatchLimit: dispatchLimit, decide)
        }
    }

    /// Each task in a transaction of its own; one whose changes are refused loses its wake-ups until the next sweep, and a
    /// new one its place.
    private func advanceOneByOne(
        limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
    ) async throws(StoreFailure) -> AdvanceReport {
        typealias Candidate = (taskID: String, wakeUps: [Int])
        let candidates = try await pool.session { session in
            let results = try session.pipeline([
                (Statements.nextWakeUps, [.int4(Int32(limit))]), AdmissionStatements.admit(limit: limit),
            ])
            let woken = try results[0].map { row -> Candidate in (try row("task_id"), try row("wake_ups")) }
            let new = try results[1].map { row -> Candidate in
                let taskID: String = try row("task_id")
                row.skipRest()
                return (taskID, [])
            }
            return woken + new
        }
        var report = AdvanceReport()
        for (taskID, ids) in candidates {
            let intake =
                ids.isEmpty
                ? (AdmissionStatements.admitThis, [PostgresValue.text(taskID)])
                : (Statements.takeTheseWakeUps, [.int8Array(ids)])
            do throws(StoreFailure) {
                report.merge(try await advance([intake], dispatchLimit: dispatchLimit, decide))
            } catch  where error.kind == .refusal {
                report.wakeUps += ids.count
                report.admitted += ids.isEmpty ? 1 : 0
                report.stalled.append((taskID, error.message))
            } catch {
                // What was done before has to be published; the rest is still there for the next round.
                guard !report.isEmpty else { throw error }
                break
            }
        }
        let refused = report.stalled.map(\.taskID)
        guard !refused.isEmpty else { return report }
        let ids = candidates.filter { refused.contains($0.taskID) }.flatMap(\.wakeUps)
        do {
            try await pool.session { session in
                _ = try session.pipeline([
                    (Statements.takeTheseWakeUps, [.int8Array(ids)]), (Statements.stalled, [.textArray(refused)]),
                ])
            }
        } catch {
            // They only come again at once instead of with the next sweep.
            for index in report.stalled.indices { report.stalled[index].problem += "; not even set aside: \(error)" }
        }
        return report
    }

    /// - Parameter intake: statements that take tasks in hand.
    private func advance(
        _ intake: [AdvanceTransaction.Entry], dispatchLimit: Int, _ decide: @escaping Decision
    ) async throws(StoreFailure) -> AdvanceReport {
        try await pool.committed { session in
            var advance = AdvanceTransaction(session)
            if let lowest = try advance.take(intake) { self.wakeUpCursor.withLock { $0.took(lowest: lowest) } }
            guard !advance.report.isEmpty else { return advance.report }
            try self.stepIDs.lending(advance.stepIDsWanted) { stepIDs in
                let tasks = try advance.load(stepIDs)
                try advance.write(advance.decide(tasks, stepIDs, decide), dispatchLimit: dispatchLimit)
            }
            return advance.report
        }
    }

    /// Ready, dispatched, running and parked steps as the last sweep has counted them, at most some seconds ago; what has
    /// none is left out.
    package func load() async throws(StoreFailure) -> [QueueLoad] {
        try await pool.session { session in
            let rows = try session.execute(Statements.load)
            return try rows.map { row -> QueueLoad? in
                let (agentType, steps): (String, Int) = (try row("agent_type"), try row("steps"))
                return try row.ifKnown("state").map { QueueLoad(agentType: agentType, state: $0, steps: steps) }
            }.compactMap(\.self)
        }
    }

    /// Agent types that have left the catalogue stay, inactive; nothing more is dispatched to their queues.
    package func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws(StoreFailure) {
        try await pool.committed { session in
            let types = PostgresValue.textArray(agents.map(\.type))
            _ = try session.pipeline([
                Statements.registerAgents(agents.map { (agent: $0, bounds: bounds) }),
                (Statements.retireAgents, [types]), (Statements.registerQueues, [types]),
                (Statements.retireQueues, [types]),
            ])
        }
    }
}
