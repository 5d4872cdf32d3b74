import Foundation
import Testing

/// The product as its users run it: real processes, real servers, real kills.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FleetProcessTests {
    @Test func undisturbedTheLedgerEqualsWhatTheProviderCounted() async throws {
        try await PrivateFleet.run(workers: 2) { fleet in
            let submitted = try await fleet.mixmyai(
                ["task", "submit", "-", "--wait"], input: PrivateFleet.backlog(12))
            #expect(submitted.status == 0, "\(submitted.errors)")
            #expect(try await fleet.query("SELECT count(*) FROM tasks WHERE status = 'completed'") == 12)
            let twin = try await fleet.twinStats()
            #expect(try await fleet.query("SELECT count(*) FROM ai_api_usage") == twin.requests)
            #expect(try await fleet.query("SELECT sum(prompt_tokens) FROM ai_api_usage") == twin.inputTokens)
            #expect(try await fleet.query("SELECT sum(completion_tokens) FROM ai_api_usage") == twin.outputTokens)
            #expect(try await fleet.query("SELECT count(*) FROM ai_api_usage WHERE cost_basis <> 'reported'") == 0)
            #expect(try await fleet.query("SELECT count(*) FROM steps WHERE attempt > 1") == 0)
            let status = try await fleet.mixmyai(["-o", "json", "status"])
            let report = try JSONSerialization.jsonObject(with: Data(status.text.utf8)) as? [String: Any]
            let health = report?["health"] as? [String: Any]
            #expect(health?["status"] as? String == "healthy", "\(status.text)")
            #expect(report?["problems"] as? [String] == [], "\(status.text)")
            #expect((report?["circuits"] as? [Any])?.isEmpty == true, "\(status.text)")
            let id = try #require(submitted.text.firstMatch(of: /task_[a-z0-9]+/)).output
            let receipt = try await fleet.mixmyai(["task", "receipt", String(id)])
            #expect(receipt.status == 0, "\(receipt.errors)")
            #expect(receipt.text.contains("task_decomposition"))
            #expect(!receipt.text.contains("These costs are not"))
            #expect(
                try await fleet.query(
                    """
                    SELECT count(*) FROM (
                        SELECT task_id FROM events GROUP BY task_id HAVING count(*) <> max(seq) OR min(seq) <> 1) g
                    """) == 0)
            #expect(try await fleet.query("SELECT count(*) FROM events") > 0)
        }
    }

    @Test func killsOfEveryKindLoseNothingAndRepeatOnlyCallsInFlight() async throws {
        try await PrivateFleet.run(workers: 3) { fleet in
            try await fleet.controlTwin(#"{"latency_ms":[100,400]}"#)
            async let submitted = fleet.mixmyai(
                ["task", "submit", "-", "--wait"], input: PrivateFleet.backlog(30))
            for (steps, victim) in [(20, "worker-1"), (60, "scheduler"), (110, "worker-2"), (160, "redis")] {
                try await fleet.waitForSteps(steps)
                try fleet.kill(victim)
            }
            try await fleet.waitForSteps(200)
            try fleet.kill("rabbitmq")
            try FileManager.default.removeItem(at: fleet.folder.appendingPathComponent("rabbitmq"))
            let result = try await submitted
            #expect(result.status == 0, "\(result.errors)")

            #expect(try await fleet.query("SELECT count(*) FROM tasks WHERE status = 'completed'") == 30)
            #expect(try await fleet.query("SELECT count(*) FROM steps WHERE state <> 'succeeded'") == 0)
            // I3: one effective result per step.
            #expect(
                try await fleet.query(
                    """
                    SELECT count(*) FROM (
                        SELECT step_id FROM ai_api_usage WHERE outcome = 'succeeded' GROUP BY step_id HAVING count(*) > 1) d
                    """) == 0)
            // I6: what was called more than once was in flight at a kill, and the ledger says so.
            let twin = try await fleet.twinStats()
            let succeeded = try await fleet.query("SELECT count(*) FROM ai_api_usage WHERE outcome = 'succeeded'")
            let lost = try await fleet.query("SELECT count(*) FROM ai_api_usage WHERE outcome = 'lost'")
            #expect(twin.requests >= succeeded)
            #expect(twin.requests <= succeeded + lost)
            // I4: no subtask started before every subtask it depends on was accepted.
            #expect(
                try await fleet.query(
                    """
                    SELECT count(*) FROM subtasks s JOIN subtasks d ON d.task_id = s.task_id AND d.plan_number = s.plan_number
                        AND d.plan_key = ANY(s.depends_on)
                    WHERE s.started_at IS NOT NULL AND (d.acceptance_status <> 'accepted' OR d.completed_at > s.started_at)
                    """) == 0)
            // I9: every stream is gap-free.
            #expect(
                try await fleet.query(
                    """
                    SELECT count(*) FROM (
                        SELECT task_id FROM events GROUP BY task_id HAVING count(*) <> max(seq) OR min(seq) <> 1) g
                    """) == 0)
        }
    }

    @Test func aLimitThatTheProviderEnforcesIsNeverMetAndNearlyUsedUp() async throws {
        try await PrivateFleet.run(workers: 2) { fleet in
            #expect(try await fleet.mixmyai(["limit", "set", "openai", "--rpm", "150"]).status == 0)
            try await fleet.controlTwin(#"{"rpm":150,"reset_stats":true}"#)
            _ = try await fleet.mixmyai(["task", "submit", "-"], input: PrivateFleet.backlog(60))
            // Two in three calls go to the manager's model: by then it has been called for longer than a minute.
            try await fleet.waitForSteps(270, within: .seconds(150))
            #expect(
                try await fleet.query("SELECT count(*) FROM ai_api_usage WHERE outcome = 'rate_limited'") == 0)
            let windows = try await fleet.twinStats().windows
            let used = windows.compactMap { $0["max_requests_60s"] as? Int }.max() ?? 0
            #expect(used <= 150)
            #expect(used >= 143)
        }
    }
}
