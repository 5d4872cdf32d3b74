import Foundation
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WireFormatTests {
    private static let stage = "task_analysis"
    private static let inputTokens = ("You work.\n".utf8.count + Prompts.task.utf8.count + 3) / 4

    private static func tokens(_ text: String) -> Int { (text.utf8.count + 3) / 4 }

    @Test func responsesAnswersWhole() async throws {
        try await withTwin { twin in
            let reply = try await twin.post("/v1/responses", Prompts.responses(stage: Self.stage, prompt: Prompts.task))
            #expect(reply.status == 200)
            #expect(reply.headers["x-request-id"]?.hasPrefix("req_") == true)
            #expect(reply.headers["x-ratelimit-limit-requests"] == nil)
            let text = try #require(Self.responseText(reply.json))
            #expect(Shape.stages[Self.stage]?.mismatch(Self.object(text)) == nil)
            let usage = try #require(reply.json["usage"] as? [String: Any])
            #expect(usage["input_tokens"] as? Int == Self.inputTokens)
            #expect(usage["output_tokens"] as? Int == Self.tokens(text))
            #expect(reply.json["status"] as? String == "completed")
        }
    }

    @Test(arguments: [0, 120]) func responsesStreamsNumberedEvents(latency: Int) async throws {
        try await withTwin { twin in
            _ = try await twin.post("/twin/control", ["latency_ms": [latency, latency]])
            let whole = try await twin.post("/v1/responses", Prompts.responses(stage: Self.stage, prompt: Prompts.task))
            let reply = try await twin.post(
                "/v1/responses", Prompts.responses(stage: Self.stage, prompt: Prompts.task, stream: true))
            #expect(reply.isComplete)
            #expect(reply.headers["content-type"]?.hasPrefix("text/event-stream") == true)
            let events = reply.events
            #expect(events.map { $0["sequence_number"] as? Int } == Array(0..<events.count))
            let types = events.compactMap { $0["type"] as? String }
            #expect(types.prefix(2) == ["response.created", "response.in_progress"])
            #expect(types.last == "response.completed")
            #expect(types.filter { $0 == "response.output_text.delta" }.count <= 20)
            let text = events.compactMap { $0["delta"] as? String }.joined()
            #expect(text == Self.responseText(whole.json))
            let final = try #require(events.last?["response"] as? [String: Any])
            #expect(Self.responseText(final) == text)
        }
    }

    @Test func chatAnswersWholeAndStreamed() async throws {
        try await withTwin { twin in
            let whole = try await twin.post(
                "/v1/chat/completions", Prompts.chat(stage: Self.stage, prompt: Prompts.task))
            let choice = try #require((whole.json["choices"] as? [[String: Any]])?.first)
            let text = try #require((choice["message"] as? [String: Any])?["content"] as? String)
            #expect(choice["finish_reason"] as? String == "stop")
            let usage = try #require(whole.json["usage"] as? [String: Any])
            #expect(usage["prompt_tokens"] as? Int == Self.inputTokens)
            #expect(usage["completion_tokens"] as? Int == Self.tokens(text))
            let reply = try await twin.post(
                "/v1/chat/completions", Prompts.chat(stage: Self.stage, prompt: Prompts.task, stream: true))
            #expect(reply.body.hasSuffix("data: [DONE]\n\n"))
            let deltas = reply.events.compactMap { ($0["choices"] as? [[String: Any]])?.first?["delta"] }
            #expect(deltas.compactMap { ($0 as? [String: Any])?["content"] as? String }.joined() == text)
            #expect(
                (reply.events.last?["usage"] as? [String: Any])?["total_tokens"] as? Int
                    == Self.inputTokens + Self.tokens(text))
        }
    }

    @Test func messagesAnswersWholeAndStreamed() async throws {
        try await withTwin { twin in
            var blockTypes: Set<String> = []
            for number in 0..<12 {
                let prompt = Prompts.task + "\(number)"
                let whole = try await twin.post("/v1/messages", Prompts.messages(stage: Self.stage, prompt: prompt))
                let blocks = try #require(whole.json["content"] as? [[String: Any]])
                blockTypes.formUnion(blocks.compactMap { $0["type"] as? String })
                let text = try #require(blocks.last?["text"] as? String)
                #expect(whole.json["stop_reason"] as? String == "end_turn")
                #expect(whole.headers["request-id"]?.hasPrefix("req_") == true)
                let reply = try await twin.post(
                    "/v1/messages", Prompts.messages(stage: Self.stage, prompt: prompt, stream: true))
                let types = reply.events.compactMap { $0["type"] as? String }
                #expect(types.prefix(2) == ["message_start", "ping"])
                #expect(types.suffix(2) == ["message_delta", "message_stop"])
                let deltas = reply.events.compactMap { ($0["delta"] as? [String: Any])?["text"] as? String }
                #expect(deltas.joined() == text)
                let usage = reply.events.dropLast().last?["usage"] as? [String: Any]
                #expect(usage?["output_tokens"] as? Int == Self.tokens(text))
            }
            #expect(blockTypes == ["thinking", "text"])
        }
    }

    @Test func sameSeedAndRequestGiveSameBytes() async throws {
        let replies = Replies()
        for seed: UInt64 in [1, 1, 2] {
            try await withTwin(seed: seed) { twin in
                let prompt = Prompts.byStage["subtask_execution"] ?? ""
                let body = Prompts.responses(stage: "subtask_execution", prompt: prompt)
                await replies.add(try await twin.post("/v1/responses", body).body)
                await replies.add(try await twin.post("/v1/responses", body).body)
            }
        }
        let bodies = await replies.bodies
        #expect(Set(bodies[0..<4]).count == 1)
        #expect(Set(bodies[4..<6]).count == 1)
        #expect(bodies[0] != bodies[4])
    }

    @Test func longAnswersStopAtTheTokenLimit() async throws {
        try await withTwin { twin in
            var body = Prompts.responses(stage: Self.stage, prompt: Prompts.task)
            body["max_output_tokens"] = 16
            let reply = try await twin.post("/v1/responses", body)
            #expect(reply.json["status"] as? String == "incomplete")
            #expect((reply.json["usage"] as? [String: Any])?["output_tokens"] as? Int == 16)
            var chat = Prompts.chat(stage: Self.stage, prompt: Prompts.task)
            chat["max_completion_tokens"] = 5
            let choices = try await twin.post("/v1/chat/completions", chat).json["choices"] as? [[String: Any]]
            #expect(choices?.first?["finish_reason"] as? String == "length")
            var messages = Prompts.messages(stage: Self.stage, prompt: Prompts.task)
            messages["max_tokens"] = 5
            #expect(try await twin.post("/v1/messages", messages).json["stop_reason"] as? String == "max_tokens")
        }
    }

    @Test func missingKeysAndModelsAreRefused() async throws {
        try await withTwin { twin in
            let body = Prompts.responses(stage: Self.stage, prompt: "x")
            let noKey = try await twin.post("/v1/responses", body, headers: ["Authorization": ""])
            #expect(noKey.status == 401)
            #expect((noKey.json["error"] as? [String: Any])?["type"] as? String == "invalid_request_error")
            let message = Prompts.messages(stage: Self.stage, prompt: "x")
            let noClaudeKey = try await twin.post("/v1/messages", message, headers: ["Authorization": ""])
            #expect(noClaudeKey.status == 401)
            #expect((noClaudeKey.json["error"] as? [String: Any])?["type"] as? String == "authentication_error")
            var unknown = body
            unknown["model"] = "missing-model"
            let reply = try await twin.post("/v1/responses", unknown)
            #expect(reply.status == 404)
            #expect((reply.json["error"] as? [String: Any])?["code"] as? String == "model_not_found")
        }
    }

    @Test func newClaudeModelsRefuseWhatTheyNoLongerTake() async throws {
        try await withTwin { twin in
            let traps: [(String, Any)] = [
                ("temperature", 0.2), ("tool_choice", ["type": "any"]), ("max_tokens", NSNull()), ("top_k", 3),
                ("thinking", ["type": "enabled", "budget_tokens": 1000]),
            ]
            for (name, value) in traps {
                var body = Prompts.messages(stage: Self.stage, prompt: "x")
                body[name] = value
                let reply = try await twin.post("/v1/messages", body)
                #expect(reply.status == 400, "\(name)")
                #expect((reply.json["error"] as? [String: Any])?["type"] as? String == "invalid_request_error")
            }
        }
    }

    @Test func modelsAreListedForBothProviders() async throws {
        try await withTwin { twin in
            #expect(try await twin.get("/v1/models").json["object"] as? String == "list")
            let claude = try await twin.send("GET", "/v1/models", body: "", headers: ["x-api-key": "k"])
            #expect(claude.json["has_more"] as? Bool == false)
            #expect(try await twin.get("/livez").status == 200)
            #expect(try await twin.get("/nowhere").status == 404)
        }
    }

    static func responseText(_ response: [String: Any]) -> String? {
        let message = (response["output"] as? [[String: Any]])?.last { $0["type"] as? String == "message" }
        return (message?["content"] as? [[String: Any]])?.first?["text"] as? String
    }

    static func object(_ text: String) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    private actor Replies {
        private(set) var bodies: [String] = []

        func add(_ body: String) { bodies.append(body) }
    }
}
