import FleetCore
import HTTPTransport
import Providers
import ScriptedPeer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct ProviderCallerTests {
    private static func spec(_ name: String, _ api: ModelSpec.API, supportsSchema: Bool = true) -> ModelSpec {
        ModelSpec(
            name: name, provider: api == .messages ? "anthropic" : "openai", api: api, modelID: name,
            limitClass: name, maxInputTokens: 1000, maxOutputTokens: 1000, supportsSchema: supportsSchema, prices: [])
    }

    private static let models = [
        spec("responses", .responses), spec("chat", .chatCompletions), spec("messages", .messages),
        spec("plain", .chatCompletions, supportsSchema: false),
    ]

    private func request(_ model: String, timeout: Duration = .seconds(20)) -> ModelRequest {
        ModelRequest(
            model: model, system: "s", blocks: ["p"], schema: OutputSchema(name: "synthesis", json: "{}"),
            maxOutputTokens: 100, timeout: timeout, idempotencyKey: "step-1-1-1", agentType: "analyst")
    }

    private func withCaller(_ port: UInt16, _ body: (ProviderCaller) async throws -> Void) async throws {
        let client = try HTTPClient()
        let key = ProviderCredential("hunter2")
        let caller = ProviderCaller(
            models: Self.models,
            endpoints: [
                "openai": .openAI(baseURL: "http://127.0.0.1:\(port)/v1", apiKey: key),
                "anthropic": .anthropic(baseURL: "http://127.0.0.1:\(port)", apiKey: key),
            ], client: client)
        do { try await body(caller) } catch { Issue.record(error) }
        await client.shutdown()
    }

    private func failure(_ caller: ProviderCaller, _ request: ModelRequest) async -> ModelFailure? {
        do throws(ModelFailure) {
            _ = try await caller.call(request)
            return nil
        } catch {
            #expect(!"\(error) \(String(reflecting: error))".contains("hunter2"))
            return error
        }
    }

    private static let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nx-request-id: req_9\r\n"
        + "x-ratelimit-limit-requests: 10\r\nx-ratelimit-remaining-requests: 9\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static func chunked(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    private static func stream(_ path: String) -> String {
        switch path {
        case "/v1/responses": Recordings.responses
        case "/v1/chat/completions": Recordings.chat
        default: Recordings.messages
        }
    }

    @Test func everyAPIGivesItsAnswerOverOneConnection() async throws {
        let server = try ScriptedServer { peer in
            while let request = peer.readRequest() {
                peer.write(Self.head + Self.chunked(Self.stream(request.path)) + "0\r\n\r\n")
            }
        }
        try await withCaller(server.port) { caller in
            for model in ["responses", "chat", "messages", "plain", "responses"] {
                let heard = Mutex(ReportedLimits())
                var asked = request(model)
                asked.onLimits = { limits in heard.withLock { $0 = limits } }
                let reply = try await caller.call(asked)
                #expect(reply.text == Recordings.answer)
                #expect(
                    reply.usage.finalTokens
                        == TokenUsage(
                            uncachedInputTokens: 10, cacheReadTokens: 100, cacheWriteTokens: 10, outputTokens: 30,
                            reasoningTokens: 20))
                #expect(reply.providerRequestID == "req_9")
                #expect(reply.model == "answering-1")
                let reasons = ["messages": "end_turn", "responses": "completed"]
                #expect(reply.finishReason == reasons[model] ?? "stop")
                #expect(heard.withLock { $0.requestsRemaining } == 9)
            }
        }
        #expect(server.connectionCount == 1)
    }

    /// How a connection may end in the middle of an answer.
    enum Ending: CaseIterable, Sendable {
        /// The last chunk: to HTTP the response is complete.
        case lastChunk
        case close
        case reset
    }

    /// Every API's stream, cut after every byte, in every way: never an answer, unless HTTP says that this was all and
    /// the model had said that it stops.
    @Test(arguments: ["responses", "chat", "messages"], Ending.allCases)
    func answerCutAnywhereIsAFailure(model: String, ending: Ending) async throws {
        let path = ["responses": "/v1/responses", "chat": "/v1/chat/completions"][model] ?? "/v1/messages"
        let stream = Array(Self.stream(path).utf8)
        // Where the event is whole in which the model says that it stops.
        var stopped = Int.max
        if model != "responses", ending == .lastChunk {
            let text = Self.stream(path)
            let stop = try #require(text.firstRange(of: model == "messages" ? "\"end_turn\"" : "\"stop\""))
            stopped = text[..<(try #require(text[stop.upperBound...].firstIndex(of: "\n")))].utf8.count
        }
        let server = try ScriptedServer { peer in
            // After a last chunk the connection is kept, as HTTP has it.
            while let request = peer.readRequest(), let cut = Int(Self.header("idempotency-key", of: request)) {
                let part = String(stream[..<cut].count, radix: 16) + "\r\n"
                peer.write(Array((Self.head + (cut > 0 ? part : "")).utf8) + stream[..<cut])
                switch ending {
                case .lastChunk:
                    peer.write((cut > 0 ? "\r\n" : "") + "0\r\n\r\n")
                    continue
                case .close: return
                case .reset: return peer.reset()
                }
            }
        }
        try await withCaller(server.port) { caller in
            // Without the line end behind the closing event it is complete.
            for cut in 0..<stream.count - 2 {
                var request = request(model)
                request.idempotencyKey = "\(cut)"
                let failure = await failure(caller, request)
                let expected: ModelFailure.Code? = cut < stopped ? .truncated : nil
                #expect(failure?.code == expected, "\(cut): \(String(describing: failure))")
            }
        }
    }

    @Test func responseCutInItsHeadIsAFailure() async throws {
        let head = Array(Self.head.utf8)
        let server = try ScriptedServer { peer in
            guard let request = peer.readRequest(), let cut = Int(Self.header("idempotency-key", of: request)) else {
                return
            }
            peer.write(Array(head[..<cut]))
            if cut % 2 == 0 { peer.reset() }
        }
        try await withCaller(server.port) { caller in
            for cut in 0..<head.count {
                var request = request("messages")
                request.idempotencyKey = "\(cut)"
                let failure = await failure(caller, request)
                #expect(failure?.code == .serverError, "\(cut): \(String(describing: failure))")
            }
        }
    }

    @Test func aCutAnswerSaysWhatItHadUsed() async throws {
        let stream = Self.chunked(String(Recordings.messages.dropLast(20)))
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write(Self.head + stream)
        }
        try await withCaller(server.port) { caller in
            let heard = Mutex(ReportedLimits())
            var asked = request("messages")
            asked.onLimits = { limits in heard.withLock { $0 = limits } }
            let late = await failure(caller, asked)
            #expect(late?.code == .truncated)
            // Its last event but one had told the final count.
            #expect(late?.usage.finalTokens?.inputTokens == 120)
            #expect(heard.withLock { $0.requestLimit } == 10)
            #expect(late?.providerRequestID == "req_9")
        }
    }

    private static func header(_ name: String, of request: PeerConnection.Request) -> String {
        let line = request.head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }
        return line.map { String($0.drop { $0 != ":" }.dropFirst(2)) } ?? ""
    }

    @Test func cleanEndWithoutClosingEventIsTruncated() async throws {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            let part = Recordings.chat.replacing("data: [DONE]\n\n", with: "").replacing("\"stop\"", with: "null")
            peer.write(Self.head + Self.chunked(part) + "0\r\n\r\n")
        }
        try await withCaller(server.port) { caller in
            let failure = await failure(caller, request("chat"))
            #expect(failure?.code == .truncated)
            #expect(failure?.usage.tokens?.outputTokens == 30)
            #expect(failure?.usage.finalTokens == nil)
            #expect(failure?.status == 200)
        }
    }

    @Test func errorResponsesAreMapped() async throws {
        let server = try ScriptedServer { peer in
            while let request = peer.readRequest() {
                let body =
                    request.path == "/v1/responses"
                    ? #"{"error":{"message":"Rate limit for key hunter2","type":"tokens","code":"rate_limit_exceeded"}}"#
                    : "<html>" + String(repeating: "x", count: 200_000)
                let status = request.path == "/v1/responses" ? "429 Too Many Requests" : "502 Bad Gateway"
                peer.write(
                    "HTTP/1.1 \(status)\r\nretry-after: 7\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
        try await withCaller(server.port) { caller in
            let limited = await failure(caller, request("responses"))
            #expect(limited?.code == .rateLimited)
            #expect(limited?.retryAfter == .seconds(7))
            #expect(limited?.message.hasPrefix("tokens/rate_limit_exceeded") == true)
            let broken = await failure(caller, request("messages"))
            #expect(broken?.code == .serverError)
            #expect(broken?.status == 502)
        }
    }

    @Test func webPageWithGoodStatusIsMalformed() async throws {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")
        }
        try await withCaller(server.port) { caller in
            #expect(await failure(caller, request("chat"))?.code == .malformed)
        }
    }

    @Test func deadlineAndSilenceAreTimedOut() async throws {
        let server = try ScriptedServer { peer in
            guard let request = peer.readRequest() else { return }
            if request.path == "/v1/responses" { peer.write(Self.head + Self.chunked(": x\n\n")) }
            _ = peer.waitForClose()
        }
        try await withCaller(server.port) { caller in
            #expect(await failure(caller, request("chat", timeout: .milliseconds(100)))?.code == .timedOut)
            #expect(await failure(caller, request("responses", timeout: .milliseconds(100)))?.code == .timedOut)
        }
    }

    @Test func cancellingClosesTheStream() async throws {
        let arrived = Reports<Bool>()
        let closed = Reports<Bool>()
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write(Self.head)
            arrived.send(true)
            closed.send(peer.waitForClose())
        }
        try await withCaller(server.port) { caller in
            await withTaskGroup(of: ModelFailure?.self) { group in
                group.addTask { await self.failure(caller, self.request("messages", timeout: .seconds(60))) }
                _ = await arrived.next()
                group.cancelAll()
                #expect(await group.next()??.code == .cancelled)
            }
            #expect(await closed.next() == true)
        }
    }

    @Test func unreachableProvidersAndUnknownModelsAreTold() async throws {
        try await withCaller(try ScriptedServer.refusedPort()) { caller in
            #expect(await failure(caller, request("chat"))?.code == .unreachable)
            #expect(await failure(caller, request("nothing"))?.code == .modelNotFound)
        }
    }

    @Test func fencesAreTakenOff() async throws {
        let server = try ScriptedServer { peer in
            while peer.readRequest() != nil {
                let text =
                    #"data: {"choices":[{"index":0,"delta":{"content":"```json\n{\"a\":1}\n```\n"},"finish_reason":"stop"}]}"#
                peer.write(Self.head + Self.chunked(text + "\n\ndata: [DONE]\n\n") + "0\r\n\r\n")
            }
        }
        try await withCaller(server.port) { caller in
            let plain = try await caller.call(request("plain"))
            #expect(plain.text == #"{"a":1}"#)
            // A schema was asked for, and what is no JSON does not satisfy it.
            let bound = try await caller.call(request("chat"))
            #expect(bound.text == #"{"a":1}"#)
        }
    }
}
