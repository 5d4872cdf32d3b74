import Foundation
import Testing

@testable import ProviderTwin

@Suite(.timeLimit(.minutes(1)))
struct FaultTests {
    private static var responses: [String: Any] { Prompts.responses(stage: "task_analysis", prompt: Prompts.task) }
    private static var messages: [String: Any] { Prompts.messages(stage: "task_analysis", prompt: Prompts.task) }

    private static func withFault(
        _ kind: FaultKind, extra: [String: Int] = [:], body: @escaping @Sendable (TwinClient) async throws -> Void
    ) async throws {
        try await withTwin { twin in
            var settings: [String: Any] = ["faults": [kind.rawValue: 1.0]]
            settings.merge(extra) { $1 }
            #expect(try await twin.post("/twin/control", settings).status == 200)
            try await body(twin)
        }
    }

    @Test(arguments: [
        (FaultKind.rateLimit, 429, "rate_limit_exceeded", 429, "rate_limit_error"),
        (.overloaded, 503, "server_is_overloaded", 529, "overloaded_error"),
        (.serverError, 500, "server_error", 500, "api_error"),
        (.quotaExhausted, 429, "insufficient_quota", 429, "rate_limit_error"),
    ])
    func refusalsHaveTheProvidersForm(
        kind: FaultKind, openAIStatus: Int, code: String, anthropicStatus: Int, type: String
    ) async throws {
        try await Self.withFault(kind, extra: ["retry_after_seconds": 3]) { twin in
            let openAI = try await twin.post("/v1/responses", Self.responses)
            #expect(openAI.status == openAIStatus)
            #expect((openAI.json["error"] as? [String: Any])?["code"] as? String == code)
            let anthropic = try await twin.post("/v1/messages", Self.messages)
            #expect(anthropic.status == anthropicStatus)
            let error = anthropic.json["error"] as? [String: Any]
            #expect(error?["type"] as? String == type)
            let waits = kind == .rateLimit || kind == .overloaded
            #expect(openAI.headers["retry-after"] == (waits ? "3" : nil))
            #expect(anthropic.headers["retry-after"] == (waits ? "3" : nil))
            if kind == .quotaExhausted {
                let details = error?["details"] as? [String: Any]
                #expect(details?["error_code"] as? String == "enforced_spend_limit_reached")
            }
            let stats = try await twin.get("/twin/stats").json
            #expect(stats["input_tokens"] as? Int == 0)
            #expect((stats["windows"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func cutRepliesEndWithoutTheirClosingPart() async throws {
        try await Self.withFault(.truncatedStream) { twin in
            for var body in [Self.responses, Self.messages] {
                let path = body["messages"] == nil ? "/v1/responses" : "/v1/messages"
                let whole = try await twin.post(path, body)
                #expect(whole.status == 200)
                #expect(!whole.isComplete)
                #expect(!whole.body.isEmpty)
                body["stream"] = true
                let stream = try await twin.post(path, body)
                #expect(!stream.isComplete)
                let types = stream.events.compactMap { $0["type"] as? String }
                #expect(types.contains { $0.hasSuffix("delta") })
                #expect(!types.contains("message_stop") && !types.contains("response.completed"))
            }
            let stats = try await twin.get("/twin/stats").json
            #expect(stats["requests"] as? Int == 4)
            #expect(stats["by_status"] as? [String: Int] == ["200": 4])
            #expect(stats["output_tokens"] as? Int == 0)
        }
    }

    @Test func brokenAndIncompleteAnswersComeInSoundEnvelopes() async throws {
        for kind in [FaultKind.malformedJSON, .badSchema] {
            try await Self.withFault(kind) { twin in
                let reply = try await twin.post("/v1/responses", Self.responses)
                #expect(reply.json["status"] as? String == "completed")
                let text = try #require(WireFormatTests.responseText(reply.json))
                let value = WireFormatTests.object(text) as? [String: Any]
                #expect((value == nil) == (kind == .malformedJSON))
                if let value { #expect(value.keys.count == 8) }
                let usage = reply.json["usage"] as? [String: Any]
                #expect(usage?["output_tokens"] as? Int == (text.utf8.count + 3) / 4)
            }
        }
    }

    @Test func unstorableAnswersAreAsAskedForButForANUL() async throws {
        try await Self.withFault(.unstorableText) { twin in
            let reply = try await twin.post("/v1/responses", Self.responses)
            let text = try #require(WireFormatTests.responseText(reply.json))
            #expect(text.contains(#":"\u0000"#))
            #expect((WireFormatTests.object(text) as? [String: Any])?.keys.count == 9)
        }
    }

    @Test func refusalsComeWithStatus200() async throws {
        try await Self.withFault(.refusal) { twin in
            let reply = try await twin.post("/v1/responses", Self.responses)
            #expect(reply.status == 200)
            #expect(reply.body.contains("\"type\":\"refusal\""))
            let message = try await twin.post("/v1/messages", Self.messages)
            #expect(message.status == 200)
            #expect(message.json["stop_reason"] as? String == "refusal")
            let chat = try await twin.post(
                "/v1/chat/completions", Prompts.chat(stage: "task_analysis", prompt: Prompts.task))
            let choice = (chat.json["choices"] as? [[String: Any]])?.first?["message"] as? [String: Any]
            #expect(choice?["refusal"] is String)
            #expect(choice?["content"] is NSNull)
        }
    }

    @Test func unansweredRequestsEndWhenTheClientLeaves() async throws {
        try await Self.withFault(.timeout) { twin in
            try await twin.leave("/v1/messages", Self.messages) {
                while try await twin.get("/twin/stats").json["in_flight"] as? Int == 0 {}
            }
            var stats: [String: Any] = [:]
            repeat { stats = try await twin.get("/twin/stats").json } while stats["in_flight"] as? Int != 0
            #expect(stats["by_status"] as? [String: Int] == ["0": 1])
            #expect(stats["requests"] as? Int == 1)
        }
    }

    @Test func unansweredRequestsEndWithTheirTime() async throws {
        try await Self.withFault(.timeout, extra: ["timeout_seconds": 0]) { twin in
            let reply = try await twin.post("/v1/messages", Self.messages)
            #expect(reply.status == 504)
        }
    }

    @Test func dribbledRepliesAreCompleteAndLate() async throws {
        try await Self.withFault(.slowBytes, extra: ["slow_bytes_pause_ms": 2]) { twin in
            let start = ContinuousClock.now
            let reply = try await twin.post("/v1/responses", Self.responses)
            #expect(reply.isComplete)
            #expect(reply.json["status"] as? String == "completed")
            #expect(ContinuousClock.now - start > .milliseconds(150))
        }
    }

    @Test func flaggedPromptsAloneAreRefusedUntilTheFlagIsLifted() async throws {
        try await withTwin { twin in
            let flagged = ["model": "gpt-6-luna", "input": "A hen and a fox."]
            let other = ["model": "gpt-6-luna", "input": "A hen."]
            _ = try await twin.post("/twin/control", ["flagged_text": "fox"])
            let refused = try await twin.post("/v1/responses", flagged)
            #expect(refused.status == 400)
            #expect((refused.json["error"] as? [String: Any])?["code"] as? String == "invalid_prompt")
            #expect(try await twin.post("/v1/responses", other).status == 200)
            _ = try await twin.post("/twin/control", ["flagged_text": NSNull()])
            #expect(try await twin.post("/v1/responses", flagged).status == 200)
            #expect(try await twin.post("/twin/control", ["flagged_text": ""]).status == 400)
        }
    }

    @Test func repeatedRequestsAreDrawnAnew() async throws {
        try await withTwin { twin in
            _ = try await twin.post("/twin/control", ["faults": ["server_error": 0.5]])
            var statuses: Set<Int> = []
            for _ in 0..<40 { statuses.insert(try await twin.post("/v1/messages", Self.messages).status) }
            #expect(statuses == [200, 500])
        }
    }

    @Test func ratesHoldOverManyDraws() throws {
        let plan = try FaultPlan(arguments: ["rate_limit=0.1", "refusal=0.05"])
        let state = TwinState(seed: 1, behaviour: .init(), now: { 0 })
        _ = state.apply(try TwinControl(body: #"{"faults":{"rate_limit":0.1}}"#.utf8))
        let drawn = (0..<10_000).count { _ in state.begin().fault == .rateLimit }
        #expect((900...1100).contains(drawn))
        #expect(plan.fault(draw: 0.09) == .rateLimit)
        #expect(plan.fault(draw: 0.12) == .refusal)
        #expect(plan.fault(draw: 0.2) == nil)
    }

    @Test func wrongSettingsNameTheKindAndWhatIsAllowed() throws {
        for arguments in [["lightning=0.1"], ["timeout=1.5"], ["timeout"], ["timeout=0.6", "refusal=0.6"]] {
            #expect(throws: TwinError.self) { try FaultPlan(arguments: arguments) }
        }
        let error = #expect(throws: TwinError.self) { try FaultPlan(arguments: ["lightning=0.1"]) }
        #expect(error?.message.contains("lightning") == true)
        #expect(error?.message.contains("slow_bytes") == true)
        #expect(throws: TwinError.self) { try LatencyRange(argument: "9-3") }
        #expect(throws: TwinError.self) { try LatencyRange(argument: "x") }
        let latency = try LatencyRange(argument: "5-9")
        #expect(latency.shortest == 5 && latency.longest == 9)
        #expect(throws: TwinError.self) { try TwinConfiguration(port: 70_000) }
    }
}
