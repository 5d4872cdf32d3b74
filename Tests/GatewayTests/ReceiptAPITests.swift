import FleetCore
import JSON
import TestServers
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ReceiptAPITests {
    private static func spend(_ server: GatewayServer, _ id: String) async throws {
        try await server.pool.run(
            """
            INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
            VALUES (1, '\(id)', 'task_analysis', 'manager', 'succeeded', 2, 1),
                   (2, '\(id)', 'specialist_selection', 'manager', 'running', 2, 1);
            INSERT INTO ai_api_usage (task_id, agent_id, provider, model, kind, cost_basis, prompt_tokens, completion_tokens,
                                      total_tokens, cache_read_tokens, cache_write_tokens, cost_usd, estimate_usd, hold_usd,
                                      step_id, attempt, call_number, outcome, price_id, price_rates, purpose, http_status,
                                      duration_ms, cuts)
            VALUES ('\(id)', 'manager', 'openai', 'm', 'task_analysis', 'reported', 1000, 100, 1100, 200, 0, 0.001820,
                    NULL, NULL, 1, 1, 1, 'invalid_answer', 'm/2026-01-01/max/default',
                    '1.000000 0.100000 1.250000 10.000000 x 1.000000', 'work', 200, 1234, '[{"what":"context"}]'),
                   ('\(id)', 'manager', 'openai', 'm', 'task_analysis', 'reported', 1000, 100, 1100, 0, 0, 0.000001,
                    NULL, NULL, 1, 1, 2, 'succeeded', 'm/2026-01-01/max/default',
                    '1.000000 0.100000 1.250000 10.000000 x 1.000000', 'repair', 200, 1000, NULL),
                   ('\(id)', 'manager', 'unknown', 'unknown', 'specialist_selection', 'ambiguous', NULL, NULL, NULL, NULL,
                    NULL, NULL, 0.002, 0.5, 2, 1, 0, 'lost', NULL, NULL, 'work', NULL, NULL, NULL)
            """)
    }

    @Test func aReceiptShowsEveryCallTheSumsAndWhatDoesNotAddUp() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask(key: GatewayServer.userKey)
            try await Self.spend(server, id)
            let answer = try await server.send("GET", "/api/v1/tasks/\(id)/receipt", key: GatewayServer.userKey)
            #expect(answer.status == 200)
            let json = try answer.json
            #expect(
                json.object?.keys == [
                    "task_id", "title", "status", "calls", "tokens", "cost_usd", "cost_expected_usd",
                    "cost_at_most_usd",
                    "steps", "totals", "lost", "differences",
                ])
            #expect(json["calls"]?.int == 2)
            #expect(json["cost_usd"]?.string == "0.001821")
            #expect(json["cost_expected_usd"]?.string == "0.003821")
            #expect(json["cost_at_most_usd"]?.string == "0.501821")
            #expect(
                json["tokens"]
                    == ["input": 2000, "cache_read": 200, "cache_write": 0, "output": 200, "reasoning": 0])

            let steps = try #require(json["steps"]?.array)
            #expect(steps.map { $0["kind"]?.string } == ["task_analysis", "specialist_selection"])
            let calls = try #require(steps[0]["attempts"]?.array?.first?["calls"]?.array)
            #expect(calls.map { $0["after"] } == [.null, "invalid_answer"])
            #expect(calls.map { $0["purpose"]?.string } == ["work", "repair"])
            #expect(calls.map { $0["check"]?.string } == ["agrees", "differs"])
            #expect(calls[0]["cuts"]?.array?.first?["what"]?.string == "context")
            #expect(calls[0]["duration_ms"]?.int == 1234)
            let lost = try #require(steps[1]["attempts"]?.array?.first?["calls"]?.array?.first)
            #expect(lost["cost_basis"]?.string == "ambiguous" && lost["tokens"] == .null && lost["cost_usd"] == .null)
            #expect(json["lost"]?.array?.map { $0["hold_usd"]?.string } == ["0.500000"])
            #expect(json["totals"]?["by_purpose"]?.array?.map { $0["name"]?.string } == ["work", "repair", "lost"])
            let differences = try #require(json["differences"]?.array)
            #expect(differences.map { $0["recomputed_usd"]?.string } == ["0.002000"])
            #expect(differences.map { $0["cost_usd"]?.string } == ["0.000001"])

            let detail = try await server.send("GET", "/api/v1/tasks/\(id)").json
            for key in ["cost_usd", "cost_expected_usd", "cost_at_most_usd"] { #expect(detail[key] == json[key]) }
            #expect(server.metrics.all.contains("GET /api/v1/tasks/{id}/receipt 200"))
        }
    }

    @Test func onlyItsOwnerAndAdministratorsSeeAReceipt() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask(key: GatewayServer.userKey)
            func status(_ path: String, _ key: String?) async throws -> Int {
                try await server.send("GET", "/api/v1/tasks/\(path)/receipt", key: key).status
            }
            #expect(try await status(id, GatewayServer.userKey) == 200)
            #expect(try await status(id, GatewayServer.adminKey) == 200)
            #expect(try await status(id, GatewayServer.otherKey) == 404)
            #expect(try await status("task_none", GatewayServer.adminKey) == 404)
            #expect(try await status(id, nil) == 401)
        }
    }
}
