import Foundation
import Testing

@testable import ProviderTwin

/// What the providers answer with an error the twin refuses too, in their words: a client's mistakes show here.
@Suite(.timeLimit(.minutes(1)))
struct StrictnessTests {
    /// A change to a sound request, and what is said to it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let path: [String]
        let json: String
        let param: String?
        let code: String?
        /// What Anthropic says.
        let words: String

        var testDescription: String { path.joined(separator: ".") + " = " + json }

        init(_ path: String, _ json: String, _ param: String? = nil, _ code: String? = nil, words: String = "") {
            self.path = path.split(separator: ".").map(String.init)
            (self.json, self.param, self.code, self.words) = (json, param, code, words)
        }

        func made(in body: [String: Any]) throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            return Self.setting(value, at: path[...], in: body) as? [String: Any] ?? body
        }

        private static func setting(_ value: Any, at path: ArraySlice<String>, in container: Any) -> Any {
            guard let key = path.first else { return value }
            if var list = container as? [Any], let index = Int(key) {
                list[index] = setting(value, at: path.dropFirst(), in: list[index])
                return list
            }
            var object = container as? [String: Any] ?? [:]
            object[key] = setting(value, at: path.dropFirst(), in: object[key] ?? [:])
            return object
        }
    }

    private static func responses() -> [String: Any] {
        var body = Prompts.responses(stage: "synthesis", prompt: "x", stream: true)
        body["input"] = [
            ["role": "developer", "content": [["type": "input_text", "text": "s"]]],
            ["role": "user", "content": [["type": "input_text", "text": "x"]]],
        ]
        body["instructions"] = nil
        return body
    }

    private func check(_ endpoint: Endpoint, _ body: [String: Any], _ mistake: Mistake) throws {
        let bytes = Array(try TwinClient.text(mistake.made(in: body)).utf8)
        let refusal = #expect(throws: ProviderFailure.self) {
            try TwinRequest(endpoint: endpoint, body: bytes, seed: 1)
        }
        let failure = try #require(refusal)
        #expect(failure.status == 400)
        #expect(mistake.words.isEmpty || failure.message.contains(mistake.words), "\(failure.message)")
        let reply = String(decoding: failure.body(for: endpoint.provider, requestID: "req_1"), as: UTF8.self)
        let json = try #require(WireFormatTests.object(reply) as? [String: Any])
        let error = try #require(json["error"] as? [String: Any])
        #expect(error["type"] as? String == "invalid_request_error")
        #expect(error["message"] as? String == failure.message)
        guard endpoint.provider == .openAI else {
            #expect(json["type"] as? String == "error" && json["request_id"] as? String == "req_1")
            return
        }
        #expect(error["param"] as? String == mistake.param)
        #expect(error["code"] as? String == mistake.code)
    }

    @Test(arguments: [
        Mistake("foo", "1", "foo", "unknown_parameter"), Mistake("max_tokens", "9", "max_tokens", "unknown_parameter"),
        Mistake("messages", "[]", "messages", "unknown_parameter"),
        Mistake("input", "null", "input", "missing_required_parameter"), Mistake("input", "7", "input", "invalid_type"),
        Mistake("input.0", #"{"type":"thought","text":"x"}"#, "input[0].type", "invalid_value"),
        Mistake("input.0", "{}", "input[0].role", "missing_required_parameter"),
        Mistake("input.0.role", #""robot""#, "input[0].role", "invalid_value"),
        Mistake("input.0.name", #""x""#, "input[0].name", "unknown_parameter"),
        Mistake("input.1.content", "7", "input[1].content", "invalid_type"),
        Mistake("input.1.content.0.type", #""text""#, "input[1].content[0].type", "invalid_value"),
        Mistake("input.1.content.0.type", #""output_text""#, "input[1].content[0].type", "invalid_value"),
        Mistake("input.1.content.0.cache_control", "{}", "input[1].content[0].cache_control", "unknown_parameter"),
        Mistake(
            "input.1.content.0", #"{"type":"input_text"}"#, "input[1].content[0].text", "missing_required_parameter"),
        Mistake("input.1.content.0", #"{"text":"x"}"#, "input[1].content[0].type", "missing_required_parameter"),
        Mistake("max_output_tokens", "15", "max_output_tokens", "integer_below_min_value"),
        Mistake("max_output_tokens", #""100""#, "max_output_tokens", "invalid_type"),
        Mistake("max_output_tokens", "100.5", "max_output_tokens", "invalid_type"),
        Mistake("temperature", "0.2", "temperature", "unsupported_parameter"),
        Mistake("top_p", "0.9", "top_p", "unsupported_parameter"),
        Mistake("temperature", "3", "temperature", "decimal_above_max_value"),
        Mistake("stream", #""yes""#, "stream", "invalid_type"), Mistake("store", "0", "store", "invalid_type"),
        Mistake("reasoning", #"{"effort":"huge"}"#, "reasoning.effort", "invalid_value"),
        Mistake("reasoning", #"{"budget":1}"#, "reasoning.budget", "unknown_parameter"),
        Mistake("service_tier", #""cheap""#, "service_tier", "invalid_value"),
        Mistake("text.format", #"{"type":"xml"}"#, "text.format.type", "invalid_value"),
        Mistake(
            "text.format", #"{"type":"json_schema","schema":{"type":"object"}}"#, "text.format.name",
            "missing_required_parameter"),
        Mistake(
            "text.format", #"{"type":"json_schema","name":"x"}"#, "text.format.schema", "missing_required_parameter"),
        Mistake("text.format.name", #""a b""#, "text.format.name", "invalid_value"),
        Mistake("text.format.strict", #""yes""#, "text.format.strict", "invalid_type"),
        Mistake("text.format.json_schema", "{}", "text.format.json_schema", "unknown_parameter"),
        Mistake("text.format.schema", #"{"type":"object"}"#, "text.format.schema", "invalid_json_schema"),
        Mistake("text.format.schema", #"{"type":"array"}"#, "text.format.schema", "invalid_json_schema"),
        Mistake(
            "text.format.schema",
            #"{"type":"object","additionalProperties":false,"required":[],"properties":{"a":{"type":"string"}}}"#,
            "text.format.schema", "invalid_json_schema"),
        Mistake(
            "text.format.schema",
            #"{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"items":{"type":"object"}}}}"#,
            "text.format.schema", "invalid_json_schema"),
        Mistake("text.format", #"{"type":"json_object"}"#, "input"),
        Mistake("prompt_cache_options.mode", #""never""#, "prompt_cache_options.mode", "invalid_value"),
        Mistake("stream_options", #"{"include_usage":true}"#, "stream_options.include_usage", "unknown_parameter"),
        Mistake(
            "input.0.content.0.prompt_cache_breakpoint", "{}", "input[0].content[0].prompt_cache_breakpoint.mode",
            "missing_required_parameter"),
    ])
    func mistakesInResponses(mistake: Mistake) throws {
        try check(.responses, Self.responses(), mistake)
    }

    @Test(arguments: [
        Mistake("foo", "1", "foo", "unknown_parameter"),
        Mistake(
            "max_tokens", "9", "max_tokens", "unsupported_parameter", words: "Use 'max_completion_tokens' instead."),
        Mistake("max_output_tokens", "99", "max_output_tokens", "unknown_parameter"),
        Mistake("max_completion_tokens", "0", "max_completion_tokens", "integer_below_min_value"),
        Mistake("messages", "null", "messages", "missing_required_parameter"),
        Mistake("messages", "[]", "messages", "empty_array"),
        Mistake("messages.0", #"{"content":"x"}"#, "messages[0].role", "missing_required_parameter"),
        Mistake("messages.0.role", #""robot""#, "messages[0].role", "invalid_value"),
        Mistake("messages.1", #"{"role":"user"}"#, "messages[1].content", "missing_required_parameter"),
        Mistake(
            "messages.1.content", #"[{"type":"input_text","text":"x"}]"#, "messages[1].content[0].type", "invalid_value"
        ),
        Mistake("messages.1.foo", "1", "messages[1].foo", "unknown_parameter"),
        Mistake("temperature", "0.2", "temperature", "unsupported_value"),
        Mistake("top_p", "0.5", "top_p", "unsupported_value"),
        Mistake("stop", #"["x"]"#, "stop", "unsupported_parameter"),
        Mistake("logprobs", "true", "logprobs", "unsupported_parameter"),
        Mistake("reasoning_effort", #""much""#, "reasoning_effort", "invalid_value"),
        Mistake("reasoning", "{}", "reasoning", "unknown_parameter"), Mistake("n", #""2""#, "n", "invalid_type"),
        Mistake("response_format", #""json""#, "response_format", "invalid_type"),
        Mistake(
            "response_format", #"{"type":"json_schema"}"#, "response_format.json_schema", "missing_required_parameter"),
        Mistake("response_format.json_schema", "{}", "response_format.json_schema.name", "missing_required_parameter"),
        Mistake(
            "response_format.json_schema.schema", #"{"type":"object"}"#, "response_format.json_schema.schema",
            "invalid_json_schema"),
        Mistake("stream", "false", "stream_options"),
        Mistake("stream_options.include", "true", "stream_options.include", "unknown_parameter"),
    ])
    func mistakesInChatCompletions(mistake: Mistake) throws {
        try check(.chatCompletions, Prompts.chat(stage: "synthesis", prompt: "x", stream: true), mistake)
    }

    @Test(arguments: [
        Mistake("foo", "1", words: "foo: Extra inputs are not permitted"),
        Mistake("max_completion_tokens", "1", words: "max_completion_tokens: Extra inputs are not permitted"),
        Mistake("max_tokens", "null", words: "max_tokens: Field required"),
        Mistake("max_tokens", #""9""#, words: "max_tokens: Input should be a valid integer"),
        Mistake("max_tokens", "0", words: "max_tokens: Input should be greater than or equal to 1"),
        Mistake("max_tokens", "200000", words: "max_tokens: 200000 > 128000"),
        Mistake("messages", "null", words: "messages: Field required"),
        Mistake("messages", #""x""#, words: "messages: Input should be a valid list"),
        Mistake("messages", "[]", words: "at least one message"),
        Mistake("messages.0.role", #""developer""#, words: "messages.0.role: Input should be 'user'"),
        Mistake("messages.0.name", #""x""#, words: "messages.0.name: Extra inputs are not permitted"),
        Mistake(
            "messages.0.content", #"[{"type":"input_text","text":"x"}]"#,
            words: "messages.0.content.0: Input tag 'input_text'"),
        Mistake("messages.0.content", #"[{"type":"text"}]"#, words: "messages.0.content.0.text: Field required"),
        Mistake("messages.0.content", #"[{"type":"text","text":""}]"#, words: "must be non-empty"),
        Mistake("messages.0.content", #""""#, words: "non-empty content"),
        Mistake("system", "7", words: "system: Input should be"),
        Mistake("system", #"[{"type":"image"}]"#, words: "system.0: Input tag 'image'"),
        Mistake("temperature", "1.5", words: "temperature: Input should be less than or equal to 1"),
        Mistake("temperature", "0.2", words: "temperature"), Mistake("top_p", "0.5", words: "top_p"),
        Mistake("response_format", "{}", words: "response_format: Extra inputs are not permitted"),
        Mistake("output_config.effort", #""none""#, words: "output_config.effort: Input should be 'low'"),
        Mistake(
            "output_config.format", #"{"type":"json_schema"}"#, words: "output_config.format.schema: Field required"),
        Mistake(
            "output_config.format.type", #""json""#, words: "output_config.format.type: Input should be 'json_schema'"),
        Mistake("output_config.format.name", #""x""#, words: "output_config.format.name: Extra inputs"),
        Mistake("output_config.format.schema", #"{"type":"object"}"#, words: "additionalProperties"),
        Mistake("thinking", #"{"type":"enabled","budget_tokens":2000}"#, words: "thinking"),
        Mistake("thinking", #"{"type":"deep"}"#, words: "thinking: Input tag 'deep'"),
        Mistake("service_tier", #""flex""#, words: "service_tier: Input should be 'auto' or 'standard_only'"),
        Mistake("stop_sequences", #""x""#, words: "stop_sequences: Input should be a valid list"),
    ])
    func mistakesInMessages(mistake: Mistake) throws {
        try check(.messages, Prompts.messages(stage: "synthesis", prompt: "x", stream: true), mistake)
    }

    @Test func soundRequestsOfEveryShapeAreTaken() async throws {
        let chat = Prompts.chat(stage: "synthesis", prompt: "x", stream: true)
        let messages = Prompts.messages(stage: "synthesis", prompt: "x")
        let sound: [(String, [String: Any], Mistake)] = [
            ("/v1/responses", Self.responses(), Mistake("reasoning", #"{"effort":"none"}"#)),
            ("/v1/responses", Self.responses(), Mistake("max_output_tokens", "16")),
            ("/v1/responses", Self.responses(), Mistake("text.format", #"{"type":"text"}"#)),
            ("/v1/responses", Self.responses(), Mistake("metadata", #"{"a":"b"}"#)),
            (
                "/v1/responses", Self.responses(),
                Mistake(
                    "input.0", #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]}"#)
            ),
            ("/v1/responses", Self.responses(), Mistake("instructions", "null")),
            ("/v1/chat/completions", chat, Mistake("max_completion_tokens", "5")),
            ("/v1/chat/completions", chat, Mistake("temperature", "1")),
            ("/v1/chat/completions", chat, Mistake("messages.0.role", #""developer""#)),
            ("/v1/chat/completions", chat, Mistake("response_format", "null")),
            (
                "/v1/messages", messages,
                Mistake("system", #"[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]"#)
            ),
            ("/v1/messages", messages, Mistake("temperature", "1")),
            ("/v1/messages", messages, Mistake("thinking", #"{"type":"adaptive"}"#)),
        ]
        let texts = try sound.map { path, body, change in
            (path: path, change: change.testDescription, text: try TwinClient.text(change.made(in: body)))
        }
        try await withTwin { twin in
            for (path, change, text) in texts {
                let reply = try await twin.send("POST", path, body: text, headers: [:])
                #expect(reply.status == 200, "\(change): \(reply.body)")
            }
            // Without reasoning a sampling parameter is taken, and some models cannot do without.
            var body = Self.responses()
            (body["reasoning"], body["temperature"]) = (["effort": "none"], 0.2)
            #expect(try await twin.post("/v1/responses", body).status == 200)
            body["model"] = "gpt-6-astra"
            let reply = try await twin.post("/v1/responses", body)
            #expect(reply.status == 400 && reply.body.contains("unsupported_value"))
        }
    }

    @Test func modelsThatAreNoMoreOrElsewhereAreNotFound() async throws {
        try await withTwin(ownModels: ["org/own:7b"]) { twin in
            for name in ["gpt-4", "gpt-3.5-turbo", "o3", "claude-haiku-5-5", "gpt-6-luna-x", "nothing"] {
                var body = Self.responses()
                body["model"] = name
                let reply = try await twin.post("/v1/responses", body)
                #expect(reply.status == 404, "\(name)")
                #expect((reply.json["error"] as? [String: Any])?["code"] as? String == "model_not_found")
            }
            for name in ["claude-3-opus-20240229", "gpt-6-luna", "nothing"] {
                var body = Prompts.messages(stage: "synthesis", prompt: "x")
                body["model"] = name
                let reply = try await twin.post("/v1/messages", body)
                #expect(reply.status == 404, "\(name)")
                #expect((reply.json["error"] as? [String: Any])?["type"] as? String == "not_found_error")
            }
            // A server of one's own takes what it takes: no rules of OpenAI's models for it.
            var own = Prompts.chat(stage: "synthesis", prompt: "x", stream: true)
            (own["model"], own["max_tokens"], own["temperature"]) = ("org/own:7b", 50, 0.3)
            #expect(try await twin.post("/v1/chat/completions", own).status == 200)
            #expect(try await twin.get("/v1/models/gpt-4").status == 404)
        }
    }

    @Test func keysVersionsPathsAndMethodsAreChecked() async throws {
        try await withTwin { twin in
            let body = Self.responses()
            let message = Prompts.messages(stage: "synthesis", prompt: "x")
            func error(_ reply: TwinReply, _ member: String) -> String? {
                (reply.json["error"] as? [String: Any])?[member] as? String
            }
            let wrong = try await twin.post("/v1/responses", body, headers: ["Authorization": "Bearer invalid-key"])
            #expect(wrong.status == 401 && error(wrong, "code") == "invalid_api_key")
            #expect(!wrong.body.contains("invalid-key"))
            let other = try await twin.post("/v1/responses", body, headers: ["Authorization": "", "x-api-key": "k"])
            #expect(other.status == 401)
            let claude = try await twin.post("/v1/messages", message, headers: ["x-api-key": "invalid"])
            #expect(claude.status == 401 && error(claude, "type") == "authentication_error")
            for version in ["", "1999-01-01"] {
                let reply = try await twin.post("/v1/messages", message, headers: ["anthropic-version": version])
                #expect(reply.status == 400 && error(reply, "message")?.hasPrefix("anthropic-version") == true)
            }
            let path = try await twin.post("/chat/completions", body)
            #expect(path.status == 404 && error(path, "message") == "Invalid URL (POST /chat/completions)")
            let method = try await twin.get("/v1/responses")
            #expect(method.status == 405)
            let refused = try await twin.post("/v1/messages", message.merging(["foo": 1]) { $1 })
            #expect(refused.status == 400 && (refused.json["request_id"] as? String)?.hasPrefix("req_") == true)
            #expect(try await twin.bill().last?["billed"] as? Bool != true)
            let nothing = try await twin.post("/v1/nothing", body, headers: ["anthropic-version": "2023-06-01"])
            #expect(nothing.status == 404 && nothing.json["type"] as? String == "error")
        }
    }
}
