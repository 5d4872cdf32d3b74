import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// What those who watch the fleet are told of the rows.
@Suite(.timeLimit(.minutes(2))) struct FleetRowsReaderTests {
    private func read(_ fleet: FleetFixture) async throws -> FleetRows {
        try await fleet.pool.withSession { try FleetRowsReader.read($0) }
    }

    @Test func anIdleFleetHasZerosAndNoAges() async throws {
        try await FleetFixture.run { fleet in
            let rows = try await read(fleet)
            #expect(rows.parked.isEmpty && rows.letters.isEmpty && rows.circuits.isEmpty && rows.calls.isEmpty)
            #expect(rows.longestSilence == nil)
            #expect(rows.tasks == ["pending": 0])
            #expect(rows.wakeUps == 0)
            #expect(rows.sessions > 0 && rows.sessions <= rows.mostSessions)
        }
    }

    @Test func whatIsOpenIsCountedByWhatItIs() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run(
                """
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag, wait_reason)
                SELECT nextval('step_ids'), 't', 'task_analysis', 'manager', 'parked', 2, n,
                       CASE WHEN n <= 3 THEN 'circuit_open' END FROM generate_series(1, 5) n
                """)
            try await fleet.pool.run(
                """
                INSERT INTO dead_letters (agent_type, reason, created_at, resolved_at) VALUES
                    ('manager', 'r', now() - interval '1 hour', NULL), ('manager', 'r', now(), NULL),
                    ('manager', 'r', now() - interval '9 hours', now())
                """)
            try await fleet.pool.run(
                """
                INSERT INTO ai_api_usage (provider, model, step_id, attempt, call_number, outcome, kind, cost_basis,
                                          cost_usd, hold_usd, estimate_usd, total_tokens, timestamp) VALUES
                    ('openai', 'm', 1, 1, 1, 'succeeded', 'k', 'reported', 0.5, NULL, NULL, 100, now()),
                    ('openai', 'm', 2, 1, 1, 'succeeded', 'k', 'reported', 0.25, NULL, NULL, 10,
                     now() - interval '2 minutes'),
                    ('openai', 'm', 3, 1, 1, 'lost', 'k', 'ambiguous', NULL, 3, 1, NULL, now()),
                    ('openai', 'm', 4, 1, 1, 'timed_out', 'k', 'none', 0, NULL, NULL, NULL, now()),
                    ('openai', 'm', 5, 1, 1, 'resolved', 'k', 'none', 0, NULL, NULL, NULL, now()),
                    ('openai', 'm', 6, 1, 1, 'succeeded', 'k', 'reported', 9, NULL, NULL, 9, now() - interval '6 minutes')
                """)
            let rows = try await read(fleet)
            #expect(
                Dictionary(uniqueKeysWithValues: rows.parked.map { ($0.reason, $0.steps) }) == [
                    "circuit_open": 3, "backoff": 2,
                ])
            #expect(rows.letters.map(\.count) == [2])
            #expect(rows.letters.allSatisfy { (3600..<3700).contains($0.age) })
            let calls = Dictionary(uniqueKeysWithValues: rows.calls.map { ($0.outcome, $0) })
            #expect(calls.mapValues(\.count) == ["succeeded": 2, "lost": 1, "failed": 1])
            #expect(calls["succeeded"]?.recent == 1)
            #expect(calls["succeeded"]?.recentTokens == 100)
            #expect(calls["succeeded"]?.cost.proved.millionths == 750_000)
            #expect(calls["lost"]?.cost.proved.millionths == 0)
            #expect(calls["lost"]?.cost.expected.millionths == 1_000_000)
            #expect(calls["lost"]?.cost.atMost.millionths == 3_000_000)
        }
    }
}
