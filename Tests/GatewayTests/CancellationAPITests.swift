import FleetCore
import Gateway
import JSON
import TestServers
import Testing

/// What DELETE cancels and says, and what is shown of a finished task while another answer is waited for.
@Suite(.timeLimit(.minutes(2)))
struct CancellationAPITests {
    private static let revision = #"{"revision_request":"More data"}"#

    /// Makes the only task a finished one with an answer.
    private func finish(_ id: String, _ server: GatewayServer, limitations: String = #"["One part failed"]"#)
        async throws
    {
        try await server.pool.run(
            """
            INSERT INTO agents (agent_id, agent_type, capabilities, model_config, role)
            VALUES ('analyst', 'analyst', '[]', '{}', 'analyst');
            UPDATE tasks SET status = 'partial_completion', workflow_state = 'completed', current_stage = 'completed',
                progress = 100, completed_at = now(), limitations = '\(limitations)';
            INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata)
            VALUES ('f', '\(id)', 'analyst', 'final', '{"executive_summary":"S","sections":[]}',
                    '{"limitations": \(limitations), "partial": true}')
            """)
    }

    @Test func aTaskThatWasNeverFinishedIsCancelledAltogether() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            for _ in 0..<2 {
                let cancelled = try await server.send("DELETE", "/api/v1/tasks/\(id)")
                #expect(cancelled.status == 200)
                #expect(
                    try cancelled.json == [
                        "task_id": .string(id), "status": "cancelled", "cancelled": "task",
                        "message": "Task cancelled successfully",
                    ])
            }
            let events = try await server.send("GET", "/api/v1/tasks/\(id)/events?after=1").json["events"]?.array ?? []
            #expect(events.map { $0["seq"]?.int } == [2, 3])
            #expect(events.first?["from_stage"]?.string == "initialization")
            #expect(events.first?["to_stage"]?.string == "cancelled")
            #expect(events.last?["status"]?.string == "cancelled")
            let detail = try await server.send("GET", "/api/v1/tasks/\(id)").json
            #expect(detail["current_stage"]?.string == "initialization")
            #expect(detail["workflow_state"]?.string == "cancelled")
        }
    }

    @Test func aRevisionIsCancelledByItself() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            try await finish(id, server)
            let revised = try await server.send("POST", "/api/v1/tasks/\(id)/revise", Self.revision).json
            let cancelled = try await server.send("DELETE", "/api/v1/tasks/\(id)")
            #expect(cancelled.status == 200)
            #expect(
                try cancelled.json == [
                    "task_id": .string(id), "status": "partial_completion",
                    "revision_id": revised["revision_id"] ?? .null,
                    "cancelled": "revision", "message": "Revision cancelled",
                ])
            let again = try await server.send("DELETE", "/api/v1/tasks/\(id)")
            #expect(again.status == 409)
            #expect(try await server.send("GET", "/api/v1/tasks/\(id)/result").status == 200)
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/revise", Self.revision).status == 200)
        }
    }

    @Test func aRetryThatHasNotBegunIsWithdrawn() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            try await finish(id, server)
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/retry").status == 200)
            let cancelled = try await server.send("DELETE", "/api/v1/tasks/\(id)")
            #expect(
                try cancelled.json == [
                    "task_id": .string(id), "status": "partial_completion", "cancelled": "retry",
                    "message": "Retry cancelled",
                ])
            #expect(try await server.send("GET", "/api/v1/tasks/\(id)").json["retry_requested"]?.bool == false)
            #expect(try await server.send("DELETE", "/api/v1/tasks/\(id)").status == 409)
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/revise", Self.revision).status == 200)
        }
    }

    @Test(arguments: ["revision_pending", "revision_in_progress", "in_progress"])
    func theLastAnswerIsServedWhileAnotherIsWaitedFor(status: String) async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            #expect(try await server.send("GET", "/api/v1/tasks/\(id)/result").status == 409)
            try await finish(id, server)
            let before = try await server.send("GET", "/api/v1/tasks/\(id)/result").json
            #expect(before["revision_in_progress"]?.bool == false)
            #expect(before["limitations"] == ["One part failed"])
            _ = try await server.send("POST", "/api/v1/tasks/\(id)/revise", Self.revision)
            // What the new run has to admit is not said of the last answer.
            try await server.pool.run(
                "UPDATE tasks SET status = '\(status)', workflow_state = 'synthesis', limitations = '[\"Another part\"]'"
            )
            let answer = try await server.send("GET", "/api/v1/tasks/\(id)/result")
            #expect(answer.status == 200)
            let json = try answer.json
            #expect(json["status"]?.string == status)
            #expect(json["revision_in_progress"]?.bool == true)
            #expect(json["result"] == before["result"])
            #expect(json["limitations"] == ["One part failed"])
            #expect(json["completed_at"]?.string != nil)
            let detail = try await server.send("GET", "/api/v1/tasks/\(id)").json
            #expect(detail["result"] == before["result"])
            #expect(detail["revision_in_progress"]?.bool == true)
            #expect(detail["completed_at"] == .null)
        }
    }

    @Test func subtasksAndAgentsSayWhatIs() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            try await server.pool.run(
                """
                INSERT INTO agents (agent_id, agent_type, capabilities, model_config, role)
                SELECT a, a, '[]', '{}', 'specialist' FROM unnest(ARRAY['writer', 'painter']) a;
                UPDATE tasks SET status = 'in_progress', workflow_state = 'specialist_execution',
                    current_stage = 'specialist_execution', plan_number = 1;
                INSERT INTO subtasks (subtask_id, task_id, assigned_agent_id, title, description, plan_number, ordinal,
                                      plan_key, status, current_step_id)
                VALUES ('a', '\(id)', 'writer', 'A', 'd', 1, 0, 'a', 'in_progress', 1),
                       ('b', '\(id)', 'painter', 'B', 'd', 1, 1, 'b', 'in_progress', 2);
                INSERT INTO steps (step_id, task_id, subtask_id, kind, agent_type, state, priority, fair_tag)
                VALUES (1, '\(id)', 'a', 'solution_review', 'manager', 'running', 2, 1),
                       (2, '\(id)', 'b', 'subtask_execution', 'painter', 'running', 2, 1)
                """)
            let detail = try await server.send("GET", "/api/v1/tasks/\(id)").json
            #expect(detail["subtasks"]?.array?.map { $0["status"]?.string } == ["in_progress", "in_progress"])
            #expect(detail["subtasks"]?.array?.map { $0["in_review"]?.bool } == [true, false])
            _ = try await server.send("DELETE", "/api/v1/tasks/\(id)")
            try await server.pool.run("UPDATE steps SET state = 'cancelled'")
            let cancelled = try await server.send("GET", "/api/v1/tasks/\(id)").json
            #expect(cancelled["subtasks"]?.array?.map { $0["status"]?.string } == ["cancelled", "cancelled"])
            #expect(cancelled["subtasks"]?.array?.map { $0["in_review"]?.bool } == [false, false])
            let agents = cancelled["assigned_agents"]?.array ?? []
            #expect(agents.map { $0["type"]?.string } == ["manager", "writer", "painter"])
            #expect(agents.map { $0["status"]?.string } == ["cancelled", "cancelled", "cancelled"])
        }
    }
}
