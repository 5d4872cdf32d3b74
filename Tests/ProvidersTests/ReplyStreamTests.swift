import FleetCore
import Testing

@testable import Providers

@Suite struct ReplyStreamTests {
    enum Ending: Equatable {
        case open(ReportedUsage)
        case complete(String, ReportedUsage, String?)
        case failed(ModelFailure)
    }

    /// Feeds pieces as the caller does.
    private static func run(_ api: ModelSpec.API, _ pieces: [[UInt8]]) -> Ending {
        func run(_ initial: some ReplyStream) -> Ending {
            var stream = initial
            var parser = SSEParser()
            for piece in pieces {
                for event in (try? parser.feed(piece)) ?? [] {
                    switch stream.feed(event) {
                    case .continue: break
                    case .complete(let reply): return .complete(reply.text, reply.usage, reply.providerRequestID)
                    case .fail(let failure): return .failed(failure)
                    }
                }
            }
            return .open(stream.usage)
        }
        return switch api {
        case .responses: run(ResponsesStream())
        case .chatCompletions: run(ChatStream())
        case .messages: run(MessagesStream())
        }
    }

    private static func run(_ api: ModelSpec.API, _ text: String) -> Ending { run(api, [Array(text.utf8)]) }

    private func failure(_ api: ModelSpec.API, _ text: String) -> ModelFailure? {
        guard case .failed(let failure) = Self.run(api, text) else { return nil }
        return failure
    }

    private static let recordings: [(ModelSpec.API, String, String)] = [
        (.responses, Recordings.responses, "resp_1"), (.chatCompletions, Recordings.chat, "chatcmpl-1"),
        (.messages, Recordings.messages, "msg_1"),
    ]
    private static let usage = ReportedUsage(
        TokenUsage(
            uncachedInputTokens: 10, cacheReadTokens: 100, cacheWriteTokens: 10, outputTokens: 30, reasoningTokens: 20))

    @Test(arguments: recordings) func recordedStreamIsComplete(api: ModelSpec.API, text: String, id: String) {
        let expected = Ending.complete(Recordings.answer, Self.usage, id)
        #expect(Self.run(api, text) == expected)
        let bytes = Array(text.utf8)
        #expect(Self.run(api, bytes.map { [$0] }) == expected)
        for cut in 0..<bytes.count {
            #expect(Self.run(api, [Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
        #expect(
            Self.run(api, text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
                == expected)
    }

    @Test(arguments: recordings) func cutStreamIsNeverComplete(api: ModelSpec.API, text: String, id: String) {
        // Without the empty line behind the closing event.
        let bytes = Array(text.utf8)
        let end = bytes.count - 1
        guard case .complete = Self.run(api, text) else {
            Issue.record("the whole stream is not complete")
            return
        }
        for cut in 0..<end - 1 {
            guard case .open = Self.run(api, [Array(bytes[..<cut])]) else {
                Issue.record("\(api) cut at \(cut) of \(bytes.count)")
                continue
            }
        }
    }

    /// What a damaged frame says may be another answer: that bytes arrive as they were sent is TLS's work. But nothing
    /// crashes, and the ending is the same for whoever reads the damage in two pieces.
    @Test(arguments: recordings) func aDamagedByteMeansTheSameWhereverTheStreamIsSplit(
        api: ModelSpec.API, text: String, id: String
    ) {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            for byte: UInt8 in [0x0A, 0x22, 0xFF] {
                var damaged = bytes
                damaged[index] = byte
                let split = [Array(damaged[...index]), Array(damaged[(index + 1)...])]
                let (whole, pieces) = (Self.run(api, [damaged]), Self.run(api, split))
                if whole != pieces { Issue.record("byte \(byte) at \(index): \(whole), \(pieces)") }
            }
        }
    }

    @Test(arguments: recordings) func invalidUTF8AndJSONAreMalformed(api: ModelSpec.API, text: String, id: String) {
        var bytes = Array(text.utf8)
        // The first byte of the é inside the first delta.
        if let index = bytes.firstIndex(of: 0xC3) { bytes[index] = 0xFF }
        guard case .failed(let failure) = Self.run(api, [bytes]) else {
            Issue.record("invalid UTF-8 was accepted")
            return
        }
        #expect(failure.code == .malformed)
        #expect(self.failure(api, "data: {\"a\":\n\n")?.code == .malformed)
        #expect(self.failure(api, "data: <html>\n\n")?.code == .malformed)
    }

    @Test func responsesEndingsAreMapped() {
        func ending(_ type: String, _ response: String) -> ModelFailure? {
            failure(.responses, "event: \(type)\ndata: {\"type\":\"\(type)\",\"response\":\(response)}\n\n")
        }
        let used = #""usage":{"input_tokens":5,"output_tokens":7}"#
        let incomplete = ending(
            "response.incomplete", #"{"incomplete_details":{"reason":"max_output_tokens"},\#(used)}"#)
        #expect(incomplete?.code == .outputLimit)
        #expect(incomplete?.usage == ReportedUsage(TokenUsage(uncachedInputTokens: 5, outputTokens: 7)))
        #expect(
            ending("response.incomplete", #"{"incomplete_details":{"reason":"content_filter"}}"#)?.code == .refused)
        #expect(ending("response.incomplete", "{}")?.code == .truncated)
        #expect(
            ending("response.failed", #"{"error":{"code":"rate_limit_exceeded","message":"x"},\#(used)}"#)?.code
                == .rateLimited)
        #expect(ending("response.failed", #"{"error":{"code":"server_error","message":"x"}}"#)?.code == .serverError)
        #expect(ending("response.failed", "{}")?.code == .serverError)
        #expect(ending("response.completed", #"{"status":"incomplete"}"#)?.code == .truncated)
        #expect(ending("response.completed", #"{"status":"completed","output":[]}"#)?.code == .malformed)
        #expect(ending("response.completed", "null")?.code == .malformed)
        #expect(
            ending(
                "response.completed",
                #"{"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]}"#)?
                .code == .refused)
        #expect(
            failure(.responses, #"data: {"type":"error","code":"server_is_overloaded","message":"x"}"# + "\n\n")?.code
                == .overloaded)
        #expect(
            failure(.responses, #"data: {"type":"error","error":{"type":"insufficient_quota"}}"# + "\n\n")?.code
                == .quotaExhausted)
    }

    /// A refusal is not billed as long as nothing was generated.
    @Test func aRefusalSaysWhetherAnAnswerHadBegun() {
        let late = Recordings.messages.replacing("\"end_turn\"", with: "\"refusal\"")
        #expect(failure(.messages, late)?.mayHaveOutput == true)
        let parts = late.components(between: "event: content_block_start", and: "event: message_delta")
        let early = failure(.messages, parts)
        #expect(early?.code == .refused)
        #expect(early?.mayHaveOutput == false)
        #expect(early?.usage.finalTokens?.inputTokens == 120)
    }

    @Test func finalMessageIsPreferredToThoughts() {
        let text =
            #"data: {"type":"response.completed","response":{"status":"completed","output":[{"type":"message","phase":"commentary","content":[{"type":"output_text","text":"Let me see"}]},{"type":"message","phase":"final_answer","content":[{"type":"output_text","text":"42"}]}]}}"#
        #expect(Self.run(.responses, text + "\n\n") == .complete("42", .nothing, nil))
    }

    @Test func chatEndingsAreMapped() {
        func ending(_ delta: String, _ reason: String) -> ModelFailure? {
            failure(
                .chatCompletions,
                "data: {\"choices\":[{\"index\":0,\"delta\":\(delta),\"finish_reason\":\(reason)}]}\n\ndata: [DONE]\n\n"
            )
        }
        let text = #"{"content":"x"}"#
        #expect(ending(text, "\"length\"")?.code == .outputLimit)
        #expect(ending(text, "\"content_filter\"")?.code == .refused)
        #expect(ending(text, "\"tool_calls\"")?.code == .malformed)
        #expect(ending(text, "null") == nil)
        #expect(ending(#"{"refusal":"No."}"#, "\"stop\"")?.code == .refused)
        #expect(ending("{}", "\"stop\"")?.code == .malformed)
        #expect(ending(text, "\"stop\"") == nil)
        #expect(failure(.chatCompletions, "data: [DONE]\n\n")?.code == .malformed)
        #expect(
            failure(.chatCompletions, "data: {\"error\":{\"code\":429,\"message\":\"slow\"}}\n\n")?.code == .rateLimited
        )
        #expect(failure(.chatCompletions, "event: error\ndata: {\"message\":\"x\"}\n\n")?.code == .serverError)
    }

    @Test func messagesEndingsAreMapped() {
        func ending(_ reason: String) -> ModelFailure? {
            failure(.messages, Recordings.messages.replacing("\"end_turn\"", with: reason))
        }
        #expect(ending("\"max_tokens\"")?.code == .outputLimit)
        #expect(ending("\"max_tokens\"")?.usage == Self.usage)
        #expect(ending("\"refusal\"")?.code == .refused)
        #expect(ending("\"model_context_window_exceeded\"")?.code == .promptTooLarge)
        #expect(ending("\"pause_turn\"")?.code == .malformed)
        #expect(ending("\"tool_use\"")?.code == .malformed)
        #expect(ending("null") == nil)
        #expect(ending("\"stop_sequence\"") == nil)
        let errors: [(String, ModelFailure.Code)] = [
            ("overloaded_error", .overloaded), ("rate_limit_error", .rateLimited), ("api_error", .serverError),
            ("invalid_request_error", .invalidRequest), ("authentication_error", .unauthorized),
            ("billing_error", .quotaExhausted), ("not_found_error", .modelNotFound), ("something", .serverError),
        ]
        for (type, code) in errors {
            let text = #"data: {"type":"error","error":{"type":"\#(type)","message":"x"}}"# + "\n\n"
            #expect(failure(.messages, text)?.code == code)
        }
    }
}

extension String {
    /// The text without everything from the first of one word to the first of another.
    fileprivate func components(between start: String, and end: String) -> String {
        guard let first = firstRange(of: start), let last = firstRange(of: end) else { return self }
        return String(self[..<first.lowerBound]) + String(self[last.lowerBound...])
    }
}
