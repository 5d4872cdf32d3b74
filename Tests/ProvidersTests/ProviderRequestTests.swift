import FleetCore
import HTTPTransport
import JSON
import Testing

@testable import Providers

@Suite struct ProviderRequestTests {
    private static let schema = #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#

    private func request() -> ModelRequest {
        ModelRequest(
            model: "m", system: "Be \"brief\".\n", blocks: ["<task>é😀\u{1}\\</task>", "<load/>"],
            schema: OutputSchema(name: "synthesis", json: Self.schema), maxOutputTokens: 4000, timeout: .seconds(60),
            idempotencyKey: "step-1-2-3", agentType: "analyst")
    }

    private func spec(
        _ api: ModelSpec.API, temperature: Double? = nil, effort: String? = nil, supportsSchema: Bool = true
    ) -> ModelSpec {
        ModelSpec(
            name: "m", provider: api == .messages ? "anthropic" : "openai", api: api, modelID: "model-id",
            limitClass: "c", maxInputTokens: 1000, maxOutputTokens: 3000, temperature: temperature, effort: effort,
            supportsSchema: supportsSchema, prices: [])
    }

    private func body(_ spec: ModelSpec, _ endpoint: ProviderEndpoint) -> String {
        String(decoding: ProviderRequest(request(), spec: spec, endpoint: endpoint).body, as: UTF8.self)
    }

    private let key = ProviderCredential("hunter2")

    @Test func theLineEndOfAFileDoesNotMakeAnotherAccount() {
        #expect(ProviderCredential("hunter2\n").digest == key.digest)
        #expect(ProviderCredential("hunter3").digest != key.digest)
    }

    @Test func responsesBodyIsExact() throws {
        let text = body(spec(.responses, temperature: 0.2, effort: "low"), .openAI(apiKey: key))
        #expect(
            text == #"{"model":"model-id","input":[{"role":"developer","content":[{"type":"input_text","#
                + #""text":"Be \"brief\".\n"}]},{"role":"user","content":["#
                + #"{"type":"input_text","text":"<task>é😀\u0001\\</task>"},{"type":"input_text","text":"<load/>"}]}],"#
                + #""text":{"format":{"type":"json_schema","name":"synthesis","strict":true,"schema":\#(Self.schema)}},"#
                + #""max_output_tokens":3000,"store":false,"reasoning":{"effort":"low"},"temperature":0.2,"#
                + #""prompt_cache_options":{"mode":"explicit"},"stream":true}"#)
        let blocks = try JSONValue(parsing: text)["input"]?.array?.last?["content"]?.array ?? []
        #expect(blocks.compactMap { $0["text"]?.string }.joined(separator: "\n") == request().prompt)
        var implicit = spec(.responses)
        implicit.cacheMode = .implicit
        let cached = try JSONValue(parsing: body(implicit, .openAI(apiKey: key)))
        #expect(cached["prompt_cache_options"]?["mode"]?.string == "implicit")
        #expect(cached["prompt_cache_key"]?.string == "analyst")
        implicit.cacheMode = .notSent
        let compatible = try JSONValue(parsing: body(implicit, .openAI(apiKey: key)))
        #expect(compatible["prompt_cache_options"] == nil && compatible["prompt_cache_key"] == nil)
        let plain = try JSONValue(parsing: body(spec(.responses), .openAI(apiKey: key)))
        #expect(plain["reasoning"] == nil && plain["temperature"] == nil)
    }

    @Test func chatBodyIsExact() throws {
        let other = ProviderEndpoint.openAI(baseURL: "http://127.0.0.1:8000/v1/", apiKey: key)
        let text = body(spec(.chatCompletions, temperature: 1), other)
        #expect(
            text == #"{"model":"model-id","messages":[{"role":"system","content":"Be \"brief\".\n"},"#
                + #"{"role":"user","content":"<task>é😀\u0001\\</task>\n<load/>"}],"response_format":{"type":"json_schema","#
                + #""json_schema":{"name":"synthesis","strict":true,"schema":\#(Self.schema)}},"max_tokens":3000,"#
                + #""temperature":1.0,"stream_options":{"include_usage":true},"stream":true}"#)
        let own = try JSONValue(parsing: body(spec(.chatCompletions, effort: "high"), .openAI(apiKey: key)))
        #expect(own["max_completion_tokens"]?.int == 3000)
        #expect(own["max_tokens"] == nil)
        #expect(own["reasoning_effort"]?.string == "high")
    }

    @Test func messagesBodyIsExact() throws {
        let text = body(spec(.messages, effort: "medium"), .anthropic(apiKey: key))
        #expect(
            text == #"{"model":"model-id","max_tokens":3000,"system":[{"type":"text","text":"Be \"brief\".\n"}],"#
                + #""messages":[{"role":"user","content":[{"type":"text","text":"<task>é😀\u0001\\</task>"},"#
                + #"{"type":"text","text":"<load/>"}]}],"#
                + #""output_config":{"effort":"medium","format":{"type":"json_schema","schema":\#(Self.schema)}},"#
                + #""stream":true}"#)
        let bare = try JSONValue(parsing: body(spec(.messages, supportsSchema: false), .anthropic(apiKey: key)))
        #expect(bare["output_config"] == nil)
    }

    @Test(arguments: ModelSpec.API.allCases) func schemaGoesIntoTheInstructionsWhereItIsNotTaken(api: ModelSpec.API)
        throws
    {
        let body = try JSONValue(parsing: body(spec(api, supportsSchema: false), .openAI(apiKey: key)))
        let system =
            switch api {
            case .responses: body["input"]?.array?.first?["content"]?.array?.first?["text"]?.string
            case .chatCompletions: body["messages"]?.array?.first?["content"]?.string
            case .messages: body["system"]?.array?.first?["text"]?.string
            }
        #expect(system?.hasPrefix("Be \"brief\".\n") == true)
        #expect(system?.hasSuffix(Self.schema) == true)
        #expect(body["response_format"] == nil && body["text"] == nil)
    }

    @Test func headersFitProviderAndHost() {
        let openAI = ProviderRequest(request(), spec: spec(.responses), endpoint: .openAI(apiKey: key)).build()
        #expect(openAI.url == "https://api.openai.com/v1/responses")
        #expect(openAI.headers["authorization"] == "Bearer hunter2")
        #expect(openAI.headers["idempotency-key"] == "step-1-2-3")
        #expect(openAI.headers["x-mixmyai-agent"] == nil)
        let twin = ProviderEndpoint.anthropic(baseURL: "http://127.0.0.1:9", apiKey: key)
        let anthropic = ProviderRequest(request(), spec: spec(.messages), endpoint: twin).build()
        #expect(anthropic.url == "http://127.0.0.1:9/v1/messages")
        #expect(anthropic.headers["x-api-key"] == "hunter2")
        #expect(anthropic.headers["anthropic-version"] == "2023-06-01")
        #expect(anthropic.headers["authorization"] == nil)
        #expect(anthropic.headers["x-mixmyai-agent"] == "analyst")
        let open = ProviderEndpoint.openAI(baseURL: "http://localhost:1/v1", apiKey: ProviderCredential(" \n"))
        let free = ProviderRequest(request(), spec: spec(.chatCompletions), endpoint: open).build()
        #expect(free.headers["authorization"] == nil)
        #expect(free.url == "http://localhost:1/v1/chat/completions")
    }

    @Test func defaultHostIsRecognised() {
        #expect(ProviderEndpoint.openAI(baseURL: "", apiKey: key).isDefaultHost)
        #expect(ProviderEndpoint.openAI(baseURL: "https://API.openai.com:443/v1/", apiKey: key).isDefaultHost)
        #expect(!ProviderEndpoint.openAI(baseURL: "https://api.openai.com.evil.example/v1", apiKey: key).isDefaultHost)
        #expect(ProviderEndpoint.anthropic(apiKey: key).isDefaultHost)
    }

    @Test func keyIsNeverPrinted() {
        let endpoint = ProviderEndpoint.openAI(apiKey: ProviderCredential(" hunter2\n"))
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), dumped, "\(endpoint.apiKey)", "\([endpoint.apiKey])"]
        {
            #expect(!text.contains("hunter2"))
        }
        #expect(endpoint.apiKey.removed(from: "key hunter2, again hunter2") == "key [removed], again [removed]")
    }
}
