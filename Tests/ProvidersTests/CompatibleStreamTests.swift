import FleetCore
import Testing

@testable import Providers

/// What OpenAI-compatible servers send in place of the stream that OpenAI documents.
@Suite struct CompatibleStreamTests {
    enum Ending: Equatable, Sendable {
        case answer(String)
        case failure(ModelFailure.Code)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let body: String
        let ending: Ending

        init(_ name: String, _ body: String, _ ending: Ending = .answer("{}")) {
            (testDescription, self.body, self.ending) = (name, body, ending)
        }
    }

    /// Feeds the body as it is, byte by byte, and with other line ends.
    static func read(_ api: ModelSpec.API, _ body: String) -> [Result<ModelReply, ModelFailure>] {
        let bytes = Array(body.utf8)
        let pieces = [[bytes], bytes.map { [$0] }, [Array(body.replacing("\n", with: "\r\n").utf8)]]
        return pieces.map { pieces in
            switch api {
            case .responses: read(ResponsesStream(), pieces)
            case .chatCompletions: read(ChatStream(), pieces)
            case .messages: read(MessagesStream(), pieces)
            }
        }
    }

    private static func read(_ stream: some ReplyStream, _ pieces: [[UInt8]]) -> Result<ModelReply, ModelFailure> {
        var reading = StreamReading(stream)
        do throws(ModelFailure) {
            for piece in pieces {
                if let reply = try reading.feed(piece) { return .success(reply) }
            }
            guard let reply = try reading.feed(nil) else {
                return .failure(ModelFailure(.cancelled, message: "the end led to nothing"))
            }
            return .success(reply)
        } catch {
            return .failure(error)
        }
    }

    private func check(_ api: ModelSpec.API, _ test: Case) {
        for result in Self.read(api, test.body) {
            switch result {
            case .success(let reply): #expect(.answer(reply.text) == test.ending)
            case .failure(let failure):
                #expect(.failure(failure.code) == test.ending, "\(failure)")
                #expect(!failure.message.isEmpty)
            }
        }
    }

    private static func chunk(_ content: String, _ finish: String? = nil) -> String {
        let reason = finish.map { ",\"finish_reason\":\($0)" } ?? ""
        return #"data: {"choices":[{"index":0,"delta":{"content":\#(content)}\#(reason)}]}"# + "\n\n"
    }

    private static let text = chunk(#""{""#) + chunk(#""}""#, "null")
    private static let done = "data: [DONE]\n\n"
    private static func ended(_ word: String) -> String {
        #"data: {"choices":[{"index":0,"delta":{},"finish_reason":\#(word)}]}"# + "\n\n"
    }

    static let signs: [Case] = [
        Case("both signs", text + ended(#""stop""#) + done), Case("no finish reason, [DONE]", text + done),
        Case("stop, no [DONE]", text + ended(#""stop""#)),
        Case("stop in the chunk that has the last text", chunk(#""{""#) + chunk(#""}""#, #""stop""#)),
        Case("no sign", text, .failure(.truncated)), Case("nothing", "", .failure(.truncated)),
        Case("only comments", ": hi\n\n: hi\n\n", .failure(.truncated)),
        Case("[DONE] without an answer", done, .failure(.malformed)),
        Case("stop without an answer", ended(#""stop""#) + done, .failure(.malformed)),
        Case("empty reason after stop", text + ended(#""stop""#) + ended(#""""#) + done),
        Case("null after stop", text + ended(#""stop""#) + ended("null")),
        Case("`null` as a word until stop", chunk(#""{}""#, #""null""#) + ended(#""stop""#)),
        Case("`null` as a word and no other sign", chunk(#""{}""#, #""null""#), .failure(.truncated)),
        Case("length undone by stop", text + ended(#""length""#) + ended(#""stop""#) + done, .failure(.outputLimit)),
        Case("length after stop", text + ended(#""stop""#) + ended(#""length""#) + done, .failure(.outputLimit)),
        Case("[DONE] without an empty line", text + "data: [DONE]"), Case("[done]", text + "data:[done]\n\n"),
        Case("last chunk without an empty line", text + ended(#""stop""#).replacing("\n\n", with: "")),
        Case("last chunk cut", text + ended(#""stop""#).dropLast(5), .failure(.truncated)),
        Case("[DONE] cut", text + "data: [DON", .failure(.truncated)),
        Case("length cut", text + ended(#""length""#).replacing("\n\n", with: ""), .failure(.outputLimit)),
        Case(
            "another choice stops", text + #"data: {"choices":[{"index":1,"finish_reason":"stop"}]}"# + "\n\n",
            .failure(.truncated)),
    ]

    @Test(arguments: signs) func oneSignOfAnEndIsEnough(test: Case) { check(.chatCompletions, test) }

    @Test(
        arguments: [
            (
                [
                    "stop", "STOP", "Stop", "eos", "EOS", "eos_token", "end_turn", "stop_sequence", "stop_token",
                    "<|endoftext|>",
                    "<|eot_id|>", "completed", "COMPLETE", "finished", "done", "normal", "FINISH_REASON_STOP",
                    "end-of-turn",
                ], Ending.answer("{}")
            ),
            (
                [
                    "length", "LENGTH", "max_tokens", "MAX_TOKENS", "max_length", "max_output_tokens", "model_length",
                    "token_limit", "stop_limit", "model_context_window_exceeded", "truncated", "budget_exceeded",
                ], .failure(.outputLimit)
            ),
            (
                [
                    "content_filter", "CONTENT_FILTER", "safety", "SAFETY", "recitation", "PROHIBITED_CONTENT",
                    "refusal",
                    "blocklist", "sensitive", "guardrail_intervened",
                ], .failure(.refused)
            ),
            (
                [
                    "error", "ERROR", "abort", "cancelled", "network_error", "insufficient_system_resource", "timeout",
                    "interrupted", "incomplete",
                ], .failure(.serverError)
            ),
            (["tool_calls", "function_call", "banana", "pause_turn"], .failure(.malformed)),
            (["", " ", "null", "NULL", "none", "None", "FINISH_REASON_UNSPECIFIED"], .answer("{}")),
        ] as [([String], Ending)])
    func wordsForAnEndAreUnderstood(words: [String], ending: Ending) {
        for word in words {
            check(.chatCompletions, Case(word, Self.text + Self.ended("\"\(word)\"") + Self.done, ending))
        }
    }

    /// A word that says nothing is no sign.
    @Test func emptyWordsAreNoSign() {
        for word in ["\"\"", "null", "\"null\"", "\"banana\"", "7", "false", "{}"] {
            let body = Self.text + Self.ended(word)
            check(.chatCompletions, Case(word, body, .failure(word.contains("banana") ? .malformed : .truncated)))
        }
    }

    static let noise: [Case] = [
        Case("empty data", "data:\n\ndata: \n\n" + text + "data:\n\n" + done),
        Case("ping", "data: ping\n\n" + text + "data: keep-alive\n\n" + done),
        Case(
            "ping as JSON",
            #"data: {"type":"ping"}"# + "\n\n" + text + #"data: "ping""# + "\n\ndata: null\n\ndata: 1\n\n" + done),
        Case(
            "named events",
            "event: ping\ndata: {\"a\":\n\nevent: status\ndata: {\"queue\":3}\n\n" + text + "event: done\ndata: {}\n\n"
                + done),
        Case("named chunks", text.replacing("data:", with: "event: completion\ndata:") + done),
        Case(
            "a damaged named chunk", "event: completion.chunk\ndata: {\"choices\":[\n\n" + text + done,
            .failure(.malformed)),
        Case("a damaged chunk", "data: {\"choices\":[\n\n" + text + done, .failure(.malformed)),
        Case("brackets", "data: [START]\n\n" + text + done),
        Case(
            "chunks in lists",
            "data: [" + text.split(separator: "\n\n")[0].dropFirst(6) + "]\n\n" + chunk(#""}""#) + done),
        Case("no empty lines", text.replacing("\n\n", with: "\n") + "data: [DONE]\n\n"),
        Case(
            "empty errors",
            #"data: {"error":null,"choices":[]}"# + "\n\n" + #"data: {"error":{"code":0,"message":""}}"# + "\n\n"
                + #"data: {"error":{}}"# + "\n\n" + text + done),
        Case("an error", text + #"data: {"error":{"message":"x","code":429}}"# + "\n\n" + done, .failure(.rateLimited)),
        Case(
            "an error object", text + #"data: {"object":"error","message":"x","code":500}"# + "\n\n" + done,
            .failure(.serverError)),
        Case("an error in words", text + "data: [ERROR] out of memory\n\n" + done, .failure(.serverError)),
        Case("a named error", text + "event: error\ndata: upstream went away\n\n" + done, .failure(.serverError)),
        Case("NaN", #"data: {"x":NaN,"y":[-Infinity,Infinity],"choices":[]}"# + "\n\n" + text + done),
        Case("Python", #"data: {"x":None,"y":True,"choices":[]}"# + "\n\n" + text + done),
        Case(
            "doubled keys",
            #"data: {"id":"a","id":"b","choices":[{"index":0,"index":0,"delta":{"content":"{"}}]}"# + "\n\n"
                + chunk(#""}""#) + done),
        Case("a comma too many", #"data: {"choices":[{"delta":{"content":"{}",},},],}"# + "\n\n" + done),
        Case("control characters", "data: {\"x\":\"a\tb\",\"choices\":[{\"delta\":{\"content\":\"{}\"}}]}\n\n" + done),
        Case(
            "an escape that JSON has not",
            #"data: {"x":"\x41\'","choices":[{"delta":{"content":"{}"}}]}"# + "\n\n" + done),
        Case("a byte order mark", "\u{FEFF}" + text + done),
        Case("blank lines first", "\n\n\n" + text + done),
        Case("no index", text.replacing(#""index":0,"#, with: "") + done),
        Case("content null", chunk("null") + text + chunk("null") + done),
    ]

    @Test(arguments: noise) func whatNobodyReadsDoesNotMatter(test: Case) { check(.chatCompletions, test) }

    static let halves: [Case] = [
        Case("two deltas", chunk(#""a\ud83d""#) + chunk(#""\ude00b""#) + done, .answer("a😀b")),
        Case(
            "with another chunk between",
            chunk(#""\uD83D""#) + chunk(#""""#) + ended("null") + chunk(#""\uDE00""#) + done, .answer("😀")),
        Case("a lone first half", chunk(#""a\ud83d""#) + chunk(#""b""#) + done, .answer("a\u{FFFD}b")),
        Case("a lone first half at the end", chunk(#""a\ud83d""#) + done, .answer("a\u{FFFD}")),
        Case("a lone second half", chunk(#""\ude00b""#) + done, .answer("\u{FFFD}b")),
        Case("in the wrong order", chunk(#""\ude00""#) + chunk(#""\ud83d""#) + done, .answer("\u{FFFD}\u{FFFD}")),
        Case("twice the first", chunk(#""\ud83d\ud83d""#) + chunk(#""\ude00""#) + done, .answer("\u{FFFD}😀")),
        Case("inside a delta", chunk(#""a\ud83db""#) + done, .answer("a\u{FFFD}b")),
        Case("a whole pair", chunk(#""\ud83d\ude00""#) + done, .answer("😀")),
        Case(
            "many pairs", chunk(#""\ud83d\ude00\ud83d""#) + chunk(#""\ude01\ud83d""#) + chunk(#""\ude02""#) + done,
            .answer("😀😁😂")),
    ]

    @Test(arguments: halves) func halvesOfSurrogatePairsAreJoined(test: Case) { check(.chatCompletions, test) }

    @Test func halvesWrittenAsUTF8AreJoined() throws {
        let head = Array(#"data: {"choices":[{"delta":{"content":""#.utf8)
        let tail = Array("\"}}]}\n\n".utf8)
        let bytes =
            head + [0xED, 0xA0, 0xBD] + tail + head + [0xED, 0xB8, 0x80] + tail + Array("data: [DONE]\n\n".utf8)
        var reading = StreamReading(ChatStream())
        #expect(try reading.feed(bytes)?.text == "😀")
    }

    static let contents: [Case] = [
        Case("parts", chunk(#"[{"type":"text","text":"{"},{"type":"text","text":"}"}]"#) + done),
        Case(
            "thoughts among the parts",
            chunk(
                #"[{"type":"thinking","thinking":[{"type":"text","text":"{\"draft\":1}"}]},{"type":"text","text":"{}"}]"#
            ) + done),
        Case("parts without a type", chunk(#"[{"text":"{"},"}"]"#) + done),
        Case("one part", chunk(#"{"type":"output_text","text":"{}"}"#) + done),
        Case("only thoughts", chunk(#"[{"type":"reasoning","text":"{}"}]"#) + done, .failure(.malformed)),
        Case(
            "reasoning beside the content",
            #"data: {"choices":[{"delta":{"reasoning_content":"{\"draft\":1}"}}]}"# + "\n\n" + text + done),
        Case(
            "the whole message at the end",
            text + #"data: {"choices":[{"delta":{},"message":{"content":"{}"},"finish_reason":"stop"}]}"# + "\n\n"),
    ]

    @Test(arguments: contents) func contentMayBeParts(test: Case) { check(.chatCompletions, test) }

    private static let completion =
        #"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"{}"},"finish_reason":FINISH}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#
    private static func whole(_ finish: String) -> String { completion.replacing("FINISH", with: finish) }

    static let documents: [Case] = [
        Case("a completion", whole(#""stop""#)), Case("a completion that says nothing of its end", whole("null")),
        Case("a completion with space around it", "\n  " + whole(#""stop""#) + "\n\n"),
        Case("a completion that was cut off", whole(#""length""#), .failure(.outputLimit)),
        Case("a filtered completion", whole(#""content_filter""#), .failure(.refused)),
        Case("a cut document", String(whole(#""stop""#).dropLast(10)), .failure(.truncated)),
        Case("a damaged document", whole("oops oops"), .failure(.malformed)),
        Case(
            "content in parts",
            whole(#""stop""#).replacing(#""content":"{}""#, with: #""content":[{"type":"text","text":"{}"}]"#)),
        Case(
            "chunks, one a line",
            text.replacing("data: ", with: "").replacing("\n\n", with: "\n") + ended(#""stop""#).dropFirst(6)),
        Case(
            "chunks, one a line, no end", text.replacing("data: ", with: "").replacing("\n\n", with: "\n"),
            .failure(.truncated)),
        Case(
            "an error", #"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#,
            .failure(.rateLimited)),
        Case("a list of errors", #"[{"error":{"code":503,"message":"busy"}}]"#, .failure(.overloaded)),
        Case("an error as a text", #"{"error":"model is loading"}"#, .failure(.serverError)),
        Case(
            "vLLM's error", #"{"object":"error","message":"x","type":"BadRequestError","code":400}"#,
            .failure(.invalidRequest)),
        Case("words", #"{"detail":"Internal error"}"#, .failure(.serverError)),
        Case("something else", #"{"object":"list","data":[]}"#, .failure(.malformed)),
        Case("an empty object", "{}", .failure(.malformed)), Case("an empty list", "[]", .failure(.malformed)),
        Case("a web page", "<!DOCTYPE html><html>", .failure(.malformed)),
    ]

    @Test(arguments: documents) func theBodyDecidesWhatItIs(test: Case) { check(.chatCompletions, test) }

    @Test func aWholeCompletionHasItsUsage() throws {
        for result in Self.read(.chatCompletions, Self.whole("null")) {
            let reply = try result.get()
            #expect(reply.usage.finalTokens == TokenUsage(uncachedInputTokens: 9, outputTokens: 2))
            #expect(reply.providerRequestID == "c")
        }
    }

    static let responses: [Case] = [
        Case(
            "a whole response",
            #"{"id":"r","object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"{}"}]}]}"#
        ),
        Case(
            "an incomplete one",
            #"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#,
            .failure(.outputLimit)),
        Case(
            "a failed one",
            #"{"object":"response","status":"failed","error":{"code":"rate_limit_exceeded","message":"x"},"output":[]}"#,
            .failure(.rateLimited)),
        Case(
            "one that is not over", #"{"object":"response","status":"in_progress","output":[]}"#, .failure(.truncated)),
        Case("an error", #"{"error":{"message":"x","type":"invalid_request_error"}}"#, .failure(.invalidRequest)),
        Case("[DONE] alone", delta("{") + delta("}") + done), Case("[DONE] without text", done, .failure(.truncated)),
        Case("no sign", delta("{}"), .failure(.truncated)),
        Case("a ping", "event: ping\ndata: ping\n\ndata:\n\n" + delta("{}") + done),
        Case("halves", delta(#"\ud83d"#) + delta(#"\ude00"#) + done, .answer("😀")),
        Case("a damaged delta", "event: response.output_text.delta\ndata: {\"delta\n\n" + done, .failure(.malformed)),
        Case(
            "the word for the end in capitals",
            #"data: {"type":"response.incomplete","response":{"incomplete_details":{"reason":"MAX_TOKENS"}}}"# + "\n\n",
            .failure(.outputLimit)),
    ]

    private static func delta(_ text: String) -> String {
        #"data: {"type":"response.output_text.delta","delta":"\#(text)"}"# + "\n\n"
    }

    @Test(arguments: responses) func responsesAreReadInTheSameSpirit(test: Case) { check(.responses, test) }

    private static let opening =
        #"data: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":9,"output_tokens":1}}}"# + "\n\n"
        + #"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"# + "\n\n"
    private static func block(_ text: String) -> String {
        #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(text)"}}"# + "\n\n"
    }
    private static func stopped(_ reason: String) -> String {
        #"data: {"type":"message_delta","delta":{"stop_reason":\#(reason)},"usage":{"output_tokens":4}}"# + "\n\n"
    }
    private static let stop = #"data: {"type":"message_stop"}"# + "\n\n"

    static let messages: [Case] = [
        Case("both signs", opening + block("{}") + stopped(#""end_turn""#) + stop),
        Case("no message_stop", opening + block("{}") + stopped(#""end_turn""#)),
        Case("no reason", opening + block("{}") + stopped("null") + stop),
        Case(
            "an empty reason after the real one",
            opening + block("{}") + stopped(#""end_turn""#) + stopped(#""""#) + stop),
        Case("OpenAI's word", opening + block("{}") + stopped(#""STOP""#)),
        Case("[DONE]", opening + block("{}") + done),
        Case("no sign", opening + block("{}"), .failure(.truncated)),
        Case("cut", opening + block("{}") + stopped(#""max_tokens""#), .failure(.outputLimit)),
        Case(
            "cut, then stopped", opening + block("{}") + stopped(#""max_tokens""#) + stopped(#""end_turn""#) + stop,
            .failure(.outputLimit)),
        Case("an event without data", opening + block("{}") + stopped("null") + "event: message_stop\ndata:\n\n"),
        Case("halves", opening + block(#"\ud83d"#) + block(#"\ude00"#) + stop, .answer("😀")),
        Case("noise", "data: ping\n\nevent: vertex_event\ndata: {\n\n" + opening + block("{}") + stop),
        Case(
            "a whole message",
            #"{"type":"message","content":[{"type":"thinking","thinking":"{\"draft\":1}"},{"type":"text","text":"{}"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}}"#
        ),
        Case(
            "a whole message that was cut",
            #"{"type":"message","content":[{"type":"text","text":"{}"}],"stop_reason":"max_tokens"}"#,
            .failure(.outputLimit)),
        Case(
            "a whole error", #"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#,
            .failure(.overloaded)),
    ]

    @Test(arguments: messages) func messagesAreReadInTheSameSpirit(test: Case) { check(.messages, test) }
}
