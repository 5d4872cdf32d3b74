import FleetCore
import HTTPTransport
import ScriptedPeer
import Synchronization
import Testing

@testable import Providers

/// Compatible servers over the wire: bodies that are no streams, parameters that they refuse, addresses.
@Suite(.timeLimit(.minutes(2))) struct CompatibleServerTests {
    static let answer = #"{"choices":[{"message":{"content":"{}"},"finish_reason":"stop"}]}"#

    /// Answers each request as told, by number from 0 and by body.
    func withServer(
        _ spec: ModelSpec, basePath: String = "/v1",
        answering: @escaping @Sendable (Int, PeerConnection.Request) -> [UInt8],
        _ body: (ProviderCaller, Reports<RefusedParameter>, ScriptedServer) async throws -> Void
    ) async throws {
        let count = Counter()
        let server = try ScriptedServer { peer in
            while let request = peer.readRequest() { peer.write(answering(count.next(), request)) }
        }
        let client = try HTTPClient()
        let refusals = Reports<RefusedParameter>()
        let base = "http://127.0.0.1:\(server.port)\(basePath)"
        let caller = ProviderCaller(
            models: [spec],
            endpoints: [
                "openai": .openAI(baseURL: base, apiKey: ProviderCredential("hunter2")),
                "anthropic": .anthropic(baseURL: base, apiKey: ProviderCredential("hunter2")),
            ], client: client, onRefusal: { refusals.send($0) })
        do { try await body(caller, refusals, server) } catch { Issue.record(error) }
        await client.shutdown()
    }

    final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock { value in
                defer { value += 1 }
                return value
            }
        }
    }

    static func spec(_ api: ModelSpec.API = .chatCompletions, _ change: (inout ModelSpec) -> Void = { _ in })
        -> ModelSpec
    {
        var spec = ModelSpec(
            name: "m", provider: api == .messages ? "anthropic" : "openai", api: api, modelID: "model-id",
            limitClass: "m", maxInputTokens: 1000, maxOutputTokens: 1000, prices: [])
        change(&spec)
        return spec
    }

    func request() -> ModelRequest {
        ModelRequest(
            model: "m", system: "s", blocks: ["p"],
            schema: OutputSchema(name: "synthesis", json: #"{"type":"object"}"#),
            maxOutputTokens: 100, timeout: .seconds(20), idempotencyKey: "step-1-1-1", agentType: "analyst")
    }

    func expectAnswer(_ caller: ProviderCaller, _ place: SourceLocation = #_sourceLocation) async {
        do throws(ModelFailure) {
            let reply = try await caller.call(request())
            #expect(reply.text == "{}", sourceLocation: place)
        } catch {
            Issue.record(error, sourceLocation: place)
        }
    }

    func failure(_ caller: ProviderCaller) async -> ModelFailure? {
        do throws(ModelFailure) {
            _ = try await caller.call(request())
            return nil
        } catch {
            #expect(!"\(error)".contains("hunter2"))
            return error
        }
    }

    static func response(
        _ status: Int, _ body: [UInt8], type: String = "application/json", encoding: String = ""
    ) -> [UInt8] {
        Array(
            ("HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\n\(encoding)Content-Length: \(body.count)\r\n\r\n").utf8)
            + body
    }

    static func response(_ status: Int, _ body: String, type: String = "application/json") -> [UInt8] {
        response(status, Array(body.utf8), type: type)
    }

    // MARK: Bodies

    @Test(arguments: ["application/json", "text/event-stream", "text/plain", "text/html", "application/x-ndjson", "x"])
    func theBodyDecidesWhateverItsType(type: String) async throws {
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"{}\"}}]}\n\ndata: [DONE]\n\n"
        let error = #"{"error":{"message":"busy","code":"rate_limit_exceeded","retry_after":9}}"#
        try await withServer(Self.spec()) { number, _ in
            Self.response(200, [Self.answer, stream, error, "<html>"][number], type: type)
        } _: { caller, _, server in
            for _ in 0..<2 { await expectAnswer(caller) }
            let limited = await failure(caller)
            #expect(limited?.code == .rateLimited && limited?.status == 200 && limited?.retryAfter == .seconds(9))
            let page = await failure(caller)
            #expect(page?.code == .malformed)
            #expect(page?.message.contains("OPENAI_BASE_URL") == true)
            #expect(server.connectionCount == 1)
        }
    }

    /// Streams with `Content-Encoding` although the request did not ask for any: undone, cut ones noticed.
    @Test func compressionThatNobodyAskedForIsUndone() async throws {
        try await withServer(Self.spec()) { number, request in
            #expect(!request.head.lowercased().contains("accept-encoding"))
            switch number {
            case 0: return Self.response(200, Compressed.gzip, encoding: "Content-Encoding: gzip\r\n")
            case 1: return Self.response(200, Compressed.deflate, encoding: "Content-Encoding: deflate\r\n")
            case 2: return Self.response(429, Compressed.error, encoding: "Content-Encoding: gzip\r\n")
            case 3:
                return Self.response(
                    200, Array(Compressed.gzip.prefix(Compressed.gzip.count / 2)),
                    encoding: "Content-Encoding: gzip\r\n")
            case 4: return Self.response(200, Compressed.gzip)
            default: return Self.response(200, "what", type: "x\r\nContent-Encoding: gzip")
            }
        } _: { caller, _, _ in
            for _ in 0..<2 { await expectAnswer(caller) }
            #expect(await failure(caller)?.code == .rateLimited)
            for _ in 3..<6 {
                let failure = await failure(caller)
                #expect([.truncated, .malformed].contains(failure?.code), "\(String(describing: failure))")
            }
        }
    }

    // MARK: Refused parameters

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let body: String
        /// Words of requests that are refused.
        let refused: String
        /// Words that the request then has instead; nil: nothing.
        let instead: String?
        let remedy: String?

        init(_ refused: String, _ body: String, status: Int = 400, instead: String? = nil, remedy: String?) {
            testDescription = refused + ": " + body.prefix(60)
            (self.refused, self.body, self.status, self.instead, self.remedy) = (refused, body, status, instead, remedy)
        }
    }

    static func openAI(_ message: String, _ param: String? = nil, _ code: String? = nil) -> String {
        func text(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "null" }
        return
            #"{"error":{"message":"\#(message)","type":"invalid_request_error","param":\#(text(param)),"code":\#(text(code))}}"#
    }

    static let refusals: [Refusal] = [
        Refusal(
            "\"max_tokens\"",
            openAI(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                "max_tokens", "unsupported_parameter"),
            instead: "\"max_completion_tokens\"", remedy: "max_tokens_parameter: max_completion_tokens"),
        Refusal(
            "\"max_tokens\"", openAI("max_tokens is no longer supported"), instead: "\"max_completion_tokens\"",
            remedy: "max_tokens_parameter: max_completion_tokens"),
        Refusal(
            "\"stream_options\"", openAI("Unrecognized request argument supplied: stream_options"),
            remedy: "stream_options: false"),
        Refusal(
            "\"stream_options\"",
            #"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{}}]}"#,
            status: 422, remedy: "stream_options: false"),
        Refusal(
            "\"stream_options\"",
            #"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]","type":"BadRequestError","param":null,"code":400}"#,
            remedy: "stream_options: false"),
        Refusal(
            "json_schema", openAI("This response_format type is unavailable now"), instead: "json_object",
            remedy: "response_format: json_object"),
        Refusal(
            "json_schema",
            #"{"detail":[{"type":"literal_error","loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'"}]}"#,
            status: 422, instead: "json_object", remedy: "response_format: json_object"),
        Refusal(
            "\"response_format\"",
            openAI("litellm.UnsupportedParamsError: x does not support parameters: ['response_format'], for model=y"),
            remedy: "response_format: none"),
        Refusal(
            "\"temperature\"",
            openAI(
                "Unsupported value: 'temperature' does not support 0.5 with this model.", "temperature",
                "unsupported_value"),
            remedy: "no temperature"),
        Refusal(
            "\"reasoning_effort\"", openAI("Unrecognized request argument supplied: reasoning_effort"),
            remedy: "no effort"),
        Refusal("\"stream\":true", openAI("`stream` is not supported by this model"), remedy: nil),
    ]

    /// The refused parameter is left out at once, within the call, and for later calls; it is told once.
    @Test(arguments: refusals) func aRefusedParameterIsLeftOut(test: Refusal) async throws {
        let spec = Self.spec { ($0.temperature, $0.effort) = (0.5, "low") }
        try await withServer(spec) { _, request in
            let body = String(decoding: request.body, as: UTF8.self)
            if body.contains(test.refused) { return Self.response(test.status, test.body) }
            #expect(test.instead.map(body.contains) ?? true)
            return Self.response(200, Self.answer)
        } _: { caller, refusals, _ in
            for _ in 0..<3 { await expectAnswer(caller) }
            let told = await refusals.next()
            #expect(told?.model == "m")
            #expect(told?.remedy == test.remedy)
        }
    }

    @Test func laterCallsAreOneRequestEach() async throws {
        let sent = Counter()
        try await withServer(Self.spec()) { _, request in
            _ = sent.next()
            return String(decoding: request.body, as: UTF8.self).contains("stream_options")
                ? Self.response(
                    400, Self.openAI("Unknown parameter: 'stream_options'.", "stream_options", "unknown_parameter"))
                : Self.response(200, Self.answer)
        } _: { caller, _, _ in
            for _ in 0..<4 { _ = try await caller.call(request()) }
            #expect(sent.next() == 5)
        }
    }

    /// Servers name one parameter at a time.
    @Test func severalRefusalsAreLearnedInOneCall() async throws {
        let names = ["stream_options", "temperature", "response_format", "max_completion_tokens", "max_tokens"]
        try await withServer(Self.spec { $0.temperature = 1 }) { _, request in
            let body = String(decoding: request.body, as: UTF8.self)
            guard let name = names.first(where: { body.contains("\"\($0)\"") }) else {
                return Self.response(200, Self.answer)
            }
            return Self.response(400, Self.openAI("Unknown parameter: '\(name)'.", name, "unknown_parameter"))
        } _: { caller, refusals, _ in
            await expectAnswer(caller)
            var told: [String] = []
            // The schema became any JSON object first, then nothing: told once.
            for _ in names { told.append(await refusals.next()?.parameter ?? "") }
            #expect(told.sorted() == names.sorted())
        }
    }

    /// What is wrong with a value, with the prompt or with the account is no reason to ask again.
    @Test(arguments: [
        (
            400,
            openAI(
                "max_tokens is too large: 128000. This model supports at most 4096 completion tokens", "max_tokens",
                "invalid_value")
        ),
        (
            400,
            openAI(
                "This model's maximum context length is 4096 tokens. Please reduce max_tokens.", nil,
                "context_length_exceeded")
        ),
        (422, #"{"detail":[{"loc":["body","max_tokens"],"msg":"Input should be less than or equal to 4096"}]}"#),
        (400, openAI("Invalid prompt: it was flagged", nil, "invalid_prompt")),
        (400, openAI("The messages are not supported")),
        (400, "<html>stream_options</html>"), (400, ""),
        (401, openAI("Unknown parameter: 'stream_options'", "stream_options")),
        (404, openAI("Unknown parameter: 'stream_options'", "stream_options")), (413, openAI("unknown stream_options")),
        (400, openAI("Unknown parameter: 'messages[0].name'.", "messages[0].name", "unknown_parameter")),
        (400, openAI("Unknown parameter: 'top_p'.", "top_p", "unknown_parameter")),
    ])
    func otherRefusalsAreFinal(status: Int, body: String) async throws {
        let sent = Counter()
        try await withServer(Self.spec()) { _, _ in
            _ = sent.next()
            return Self.response(status, body)
        } _: { caller, _, _ in
            #expect(await failure(caller)?.status == status)
            #expect(sent.next() == 1)
        }
    }

    /// A server that refuses on and on is not asked on and on, and nothing is remembered of it.
    @Test func whatDidNotHelpIsForgotten() async throws {
        let bodies = Reports<String>()
        try await withServer(Self.spec()) { _, request in
            bodies.send(String(decoding: request.body, as: UTF8.self))
            return Self.response(400, Self.openAI("stream_options or temperature or response_format is not supported"))
        } _: { caller, _, _ in
            #expect(await failure(caller)?.code == .invalidRequest)
            var sent: [String] = []
            for _ in 0..<4 { sent.append(await bodies.next() ?? "") }
            #expect(sent.last?.contains("response_format") == false)
            _ = await failure(caller)
            #expect(await bodies.next() == sent.first)
        }
    }

    @Test func otherAPIsLearnAsWell() async throws {
        let message =
            "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"{}\"}}\n\n"
            + "data: {\"type\":\"message_stop\"}\n\n"
        try await withServer(Self.spec(.messages) { $0.effort = "low" }, basePath: "") { _, request in
            let body = String(decoding: request.body, as: UTF8.self)
            let name = ["output_config", "temperature"].first { body.contains("\"\($0)\"") }
            let error =
                #"{"type":"error","error":{"type":"invalid_request_error","message":"\#(name ?? ""): Extra inputs are not permitted"}}"#
            return name == nil ? Self.response(200, message) : Self.response(400, error)
        } _: { caller, refusals, _ in
            await expectAnswer(caller)
            #expect(await refusals.next()?.parameter == "output_config")
        }
        let response =
            #"{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"{}"}]}]}"#
        try await withServer(Self.spec(.responses)) { _, request in
            let body = String(decoding: request.body, as: UTF8.self)
            let name = ["prompt_cache_options", "store", "format", "max_output_tokens"].first {
                body.contains("\"\($0)\":")
            }
            let param = name == "format" ? "text.format" : name ?? ""
            return name == nil
                ? Self.response(200, response)
                : Self.response(400, Self.openAI("Unknown parameter: '\(param)'.", param, "unknown_parameter"))
        } _: { caller, refusals, _ in
            await expectAnswer(caller)
            for _ in 0..<4 { #expect(await refusals.next() != nil) }
        }
    }

    /// What users wrote is kept by OpenAI unless it is told not to.
    @Test func openAIItselfIsNeverAskedWithoutStore() {
        let own = RequestForm(Self.spec(.responses), isDefaultHost: true)
        #expect(own.without("store") == nil)
        #expect(own.without("stream") == nil)
        #expect(RequestForm(Self.spec(.responses), isDefaultHost: false).without("store") != nil)
        #expect(RequestForm(Self.spec(.messages), isDefaultHost: true).without("max_tokens") == nil)
    }

}
