import FleetCore
import Gateway
import JSON
import TestServers
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TaskAPITests {
    @Test func createdTaskHasTheSpecifiedShape() async throws {
        try await GatewayServer.run { server in
            let answer = try await server.send("POST", "/api/v1/tasks", TaskBody.valid)
            #expect(answer.status == 201)
            let json = try answer.json
            #expect(json.object?.keys == ["task_id", "status", "created_at", "estimated_completion"])
            let id = try #require(json["task_id"]?.string)
            #expect(id.wholeMatch(of: /task_[0-9a-v]{20}/) != nil)
            #expect(json["status"]?.string == "pending")
            #expect(answer.headers["location"] == "/api/v1/tasks/\(id)")
            #expect(answer.headers["x-request-id"]?.isEmpty == false)
            #expect(server.nudges.value == 1)
            #expect(server.metrics.all == ["POST /api/v1/tasks 201"])

            let detail = try await server.send("GET", "/api/v1/tasks/\(id)").json
            #expect(detail["title"]?.string == "Market trends")
            #expect(detail["progress"]?.int == 0)
            #expect(detail["current_stage"]?.string == "initialization")
            #expect(detail["workflow_state"]?.string == "pending")
            let listed = try await server.send("GET", "/api/v1/tasks").json["tasks"]?.array?.first
            #expect(listed?["workflow_state"]?.string == "pending")
            #expect(detail["assigned_agents"] == [])
            #expect(detail["result"] == .null)
            #expect(detail["user_id"]?.string == "anonymous")
        }
    }

    @Test func rejectedBodiesLeaveNoRow() async throws {
        try await GatewayServer.run { server in
            func send(_ body: String, headers: [String: String] = [:]) async throws -> HTTPAnswer {
                try await server.send("POST", "/api/v1/tasks", body, headers: headers)
            }
            let invalid = try await send(#"{"title":"","description":"short","priority":"x"}"#)
            #expect(invalid.status == 400)
            #expect(try invalid.json["error"]?.string == "ValidationError")
            #expect(try invalid.json["message"]?.string == "Invalid task input")
            #expect(
                try invalid.json["details"] == [
                    "title": "Title must not be blank",
                    "description": "Description must be at least 20 characters, not 5",
                    "priority": "Priority must be one of urgent, high, medium, low",
                ])

            let broken = try await send(#"{"title":"x",}"#)
            #expect(broken.status == 400)
            #expect(
                try broken.json["details"]?["body"]?.string == "line 1, column 14: a comma before the closing brace")
            #expect(try await send("").status == 400)

            let type = try await send(TaskBody.valid, headers: ["Content-Type": "text/plain"])
            #expect(type.status == 415)
            #expect(try type.json["error"]?.string == "UnsupportedMediaType")
            let charset = ["Content-Type": "application/json; charset=latin1"]
            #expect(try await send(TaskBody.valid, headers: charset).status == 415)

            let large = try await send(#"{"title":""# + String(repeating: "x", count: 1 << 20) + #""}"#)
            #expect(large.status == 413)
            #expect(try large.json["error"]?.string == "PayloadTooLarge")
            #expect(try await server.count("tasks") == 0)
            #expect(try await server.count("fair_flows") == 0)
            #expect(server.nudges.value == 0)

            let utf8 = ["Content-Type": "Application/JSON; charset=UTF-8"]
            #expect(try await send(TaskBody.valid, headers: utf8).status == 201)
        }
    }

    @Test func invalidUTF8NamesTheByte() async throws {
        try await GatewayServer.run { server in
            let bytes = Array(#"{"title":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
            let answer = try await HTTPExchange(port: server.port).run(
                "POST", "/api/v1/tasks",
                ["Content-Type": "application/json", "X-API-Key": GatewayServer.adminKey], [bytes])
            #expect(answer.status == 400)
            #expect(
                try answer.json["details"]?["body"]?.string
                    == "line 1, column 11: bytes that are not UTF-8: the text has another encoding, or was cut inside a character"
            )
        }
    }

    @Test func listIsFilteredPagedAndChecked() async throws {
        try await GatewayServer.run { server in
            for _ in 0..<5 { _ = try await server.newTask() }
            _ = try await server.newTask(key: GatewayServer.userKey)
            let page = try await server.send("GET", "/api/v1/tasks?limit=2&page=2&user_id=anonymous").json
            #expect(page["pagination"] == ["page": 2, "limit": 2, "total": 5, "pages": 3])
            #expect(page["tasks"]?.array?.count == 2)
            var cursor = try await server.send("GET", "/api/v1/tasks?limit=4").json
            #expect(cursor["tasks"]?.array?.count == 4)
            let next = try #require(cursor["next_cursor"]?.string)
            cursor = try await server.send("GET", "/api/v1/tasks?limit=4&cursor=\(next)").json
            #expect(cursor["tasks"]?.array?.count == 2)
            #expect(cursor["next_cursor"] == .null)
            let finished = try await server.send("GET", "/api/v1/tasks?status=completed,failed").json
            #expect(finished["tasks"] == [])

            let bad = try await server.send(
                "GET", "/api/v1/tasks?page=0&limit=1000&sort=x&order=up&status=done&cursor=%21")
            #expect(bad.status == 400)
            #expect(
                try bad.json["details"]?.object?.keys.sorted()
                    == ["cursor", "limit", "order", "page", "sort", "status"])
        }
    }

    @Test func keysAreRequiredAndUsersSeeOnlyTheirOwnTasks() async throws {
        try await GatewayServer.run { server in
            for key in [nil, "mxa_unknown_key", "wrong", ""] {
                let answer = try await server.send("GET", "/api/v1/tasks", key: key)
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
                #expect(try answer.json["error"]?.string == "Unauthorized")
            }
            let bearer = ["Authorization": "Bearer \(GatewayServer.userKey)"]
            #expect(try await server.send("GET", "/api/v1/tasks", key: nil, headers: bearer).status == 200)

            let own = try await server.newTask(key: GatewayServer.userKey)
            for path in ["", "/result", "/events"] {
                let answer = try await server.send("GET", "/api/v1/tasks/\(own)\(path)", key: GatewayServer.otherKey)
                #expect(answer.status == 404)
            }
            #expect(try await server.send("DELETE", "/api/v1/tasks/\(own)", key: GatewayServer.otherKey).status == 404)
            #expect(try await server.send("GET", "/api/v1/tasks/\(own)").json["user_id"]?.string == "ursula")
            let mine = try await server.send("GET", "/api/v1/tasks", key: GatewayServer.otherKey).json
            #expect(mine["tasks"] == [])
            let others = try await server.send("GET", "/api/v1/tasks?user_id=ursula", key: GatewayServer.otherKey)
            #expect(others.status == 403)

            let foreign = #"{"title":"t","description":"01234567890123456789","user_id":"ursula"}"#
            #expect(try await server.send("POST", "/api/v1/tasks", foreign, key: GatewayServer.otherKey).status == 403)
            #expect(try await server.send("POST", "/api/v1/tasks", foreign).status == 201)
        }
    }

    @Test func unknownThingsAreNotFoundInTheSameForm() async throws {
        try await GatewayServer.run { server in
            for path in ["/api/v1/tasks/task_none", "/api/v1/tasks/task_none/result", "/nowhere", "/api/v1/tasks/%00"] {
                let answer = try await server.send("GET", path, headers: ["X-Request-Id": "mine-1"])
                #expect(answer.status == 404)
                #expect(try answer.json["error"]?.string == "NotFound")
                #expect(try answer.json["request_id"]?.string == "mine-1")
                #expect(answer.headers["x-request-id"] == "mine-1")
            }
        }
    }

    @Test func resultFollowsTheTaskToItsEnd() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            let early = try await server.send("GET", "/api/v1/tasks/\(id)/result")
            #expect(early.status == 409)
            #expect(try early.json["error"]?.string == "Conflict")
            #expect(try early.json["details"]?["status"]?.string == "pending")
            try await server.pool.run(
                """
                INSERT INTO agents (agent_id, agent_type, capabilities, model_config, role)
                VALUES ('analyst', 'analyst', '[]', '{}', 'analyst');
                UPDATE tasks SET status = 'partial_completion', workflow_state = 'completed', completed_at = now(),
                    limitations = '["One part failed"]';
                INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata)
                VALUES ('f', '\(id)', 'analyst', 'final',
                        '{"executive_summary":"S","sections":[],"overall_confidence":0.5,"sources":["x"]}', '{}')
                """)
            let answer = try await server.send("GET", "/api/v1/tasks/\(id)/result")
            #expect(answer.status == 200)
            let json = try answer.json
            #expect(json["status"]?.string == "partial_completion")
            #expect(json["completed_at"]?.string != nil)
            #expect(json["result"]?["confidence"]?.double == 0.5)
            #expect(json["result"]?["sources"] == ["x"])
            #expect(json["result"]?["limitations"] == ["One part failed"])
            #expect(json["result"]?["final_answer"]?.string?.hasPrefix("S\n") == true)
            #expect(try await server.send("GET", "/api/v1/tasks/\(id)").json["result"] == json["result"])
            let types = try await server.send("GET", "/api/v1/agents/types").json
            #expect(types["agent_types"]?.array?.first?["type"] == "analyst")
        }
    }

    @Test func changesFollowTheStatus() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            let revision = #"{"revision_request":"More data","specific_areas":["a"],"priority":"high"}"#
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/revise", revision).status == 409)
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/retry").status == 409)
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/revise", "{}").status == 400)

            try await server.pool.run("UPDATE tasks SET status = 'failed', workflow_state = 'failed'")
            let retried = try await server.send("POST", "/api/v1/tasks/\(id)/retry")
            #expect(retried.status == 200)
            #expect(try retried.json["retry_requested"]?.bool == true)
            // Not until a scheduler has taken up the retry.
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/revise", revision).status == 409)
            try await server.pool.run("UPDATE tasks SET retry_requested = FALSE")

            let revised = try await server.send("POST", "/api/v1/tasks/\(id)/revise", revision)
            #expect(revised.status == 200)
            #expect(try revised.json.object?.keys == ["task_id", "revision_id", "status", "estimated_completion"])
            #expect(try revised.json["status"]?.string == "revision_pending")
            #expect(try await server.send("POST", "/api/v1/tasks/\(id)/revise", revision).status == 409)

            let events = try await server.send("GET", "/api/v1/tasks/\(id)/events?after=1").json
            #expect(events["events"]?.array?.compactMap { $0["status"]?.string } == ["revision_pending"])
            #expect(events["events"]?.array?.compactMap { $0["seq"]?.int } == [2])
            #expect(events["next_after"]?.int == 2)
            #expect(try await server.send("GET", "/api/v1/tasks/\(id)/events?after=x").status == 400)
        }
    }
}
