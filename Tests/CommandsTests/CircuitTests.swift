import FleetCore
import FleetStore
import PostgresClient
import TestServers
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct CircuitTests {
    private func report(_ model: String?, _ reason: CircuitBreaker.Reason = .unauthorized, at time: Int = 1_000_000)
        -> CircuitReport
    {
        CircuitReport(
            provider: "openai", model: model, reason: reason, error: "HTTP 401", openedAt: time, probesAt: time + 1)
    }

    @Test func circuitsOfAllWorkersAreShownOnce() {
        let rows = CircuitRow.merged([
            [report("b"), report(nil, at: 9_000_000)], [], [report("b", at: 500_000)],
        ])
        #expect(
            rows.map { "\($0.circuit.model ?? "all") \($0.workers)/\($0.allWorkers) \($0.circuit.openedAt)" }
                == ["all 1/3 9000000", "b 2/3 500000"])
        #expect(
            rows[1].json.serialized()
                == #"{"provider":"openai","model":"b","reason":"unauthorized","workers":2,"all_workers":3,"#
                + #""opened_at":"1970-01-01T00:00:00.500000Z","next_probe_at":"1970-01-01T00:00:00.500001Z","error":"HTTP 401"}"#
        )
    }

    @Test func aResetReachesTheWorkersAndTheStepsThatWait() async throws {
        try await NewDatabase.run { _, pool in
            _ = try await Migrator(pool: pool).migrate()
            let steps = PostgresStepStore(pool: pool)
            let worker = try await steps.register(name: "w", agentTypes: ["manager"], slots: 1)
            _ = try await steps.heartbeat(worker: worker, WorkerReport(running: 0, circuits: [report("m")]))
            try await pool.run(
                """
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag, not_before, wait_reason)
                SELECT n, 't', 'task_analysis', 'manager', 'parked', 2, n, now() + interval '1 hour',
                       CASE WHEN n = 1 THEN 'circuit_open' ELSE 'backoff' END FROM generate_series(1, 2) n
                """)
            let store = CircuitStore(pool: pool)
            #expect(try await store.open() == [CircuitRow(circuit: report("m"), workers: 1, allWorkers: 1)])
            let (workers, released) = try await store.reset(provider: "openai", model: nil)
            #expect(workers == 1 && released == 1)
            let soon = "SELECT string_agg(step_id::text, ',') FROM steps WHERE not_before < now() + interval '1 minute'"
            #expect(
                try await pool.withSession { try $0.execute(PostgresStatement("soon", soon)).only() as String } == "1")
            let resets = try await steps.heartbeat(worker: worker, WorkerReport(running: 0)).resets
            #expect(resets.map(\.provider) == ["openai"])
            // What the worker says next is what is shown.
            _ = try await steps.heartbeat(worker: worker, WorkerReport(running: 0, circuits: []))
            #expect(try await store.open() == [])
        }
    }
}
