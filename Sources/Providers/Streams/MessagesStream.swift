internal import FleetCore
import JSON

/// The answer of Anthropic's Messages API: closed by `message_stop`; the stop reason comes before it.
struct MessagesStream: ReplyStream {
    private var answer = JoinedText()
    private var textBlocks: Set<Int> = []
    private var stopReason: String?
    private var isOver = false
    private var id: String?
    private var model: String?
    private var counts = MessagesUsage()
    private var hasFinalCount = false
    private(set) var hasOutput = false

    /// The input is told first; the output is final when the answer's end has told it.
    var usage: ReportedUsage {
        let tokens = counts.tokens.flatMap { $0.outputTokens == 0 && !answer.isEmpty ? nil : $0 }
        return ReportedUsage(tokens, isFinal: hasFinalCount, serviceTier: counts.serviceTier)
    }

    static func hasEvents(named name: String) -> Bool {
        ["", "error"].contains(name) || name.hasPrefix("message") || name.hasPrefix("content_block")
    }

    mutating func feed(_ body: WireJSON, name: String) -> StreamOutcome {
        switch body["type"]?.string ?? name {
        case "message_start":
            id = body["message"]?["id"]?.string
            model = body["message"]?["model"]?.string
            counts.read(body["message"]?["usage"])
        case "content_block_start":
            hasOutput = true
            // The first block is often thinking: blocks are told apart by type, never by position.
            guard let block = body["content_block"], block["type"]?.string == "text" else { break }
            textBlocks.insert(body["index"]?.int ?? 0)
            append(block["text"]?.string, body)
        case "content_block_delta":
            guard textBlocks.contains(body["index"]?.int ?? 0), body["delta"]?["type"]?.string == "text_delta"
            else { break }
            append(body["delta"]?["text"]?.string, body)
        case "message_delta":
            read(stopReason: body["delta"]?["stop_reason"])
            counts.read(body["usage"])
            if stopReason != nil && body["usage"]?["output_tokens"] != nil { hasFinalCount = true }
        case "message_stop": return close()
        case "error": return failure(for: body["error"] ?? body.value)
        default:
            if let error = body.value.reportedError { return failure(for: error) }
        }
        return .continue
    }

    private mutating func append(_ text: String?, _ body: WireJSON) {
        if let text { answer.append(text, body.halves[text]) }
    }

    /// An empty reason does not undo one, nor does a good one that the answer was cut.
    private mutating func read(stopReason value: JSONValue?) {
        guard let word = value?.string, let meaning = FinishReason(word) else { return }
        if stopReason == nil || meaning != .stop { stopReason = word.lowercased() }
    }

    mutating func close() -> StreamOutcome {
        isOver = true
        return end()
    }

    mutating func feed(whole body: WireJSON) -> StreamOutcome {
        if let error = body.value.wholeError { return failure(for: error) }
        guard let blocks = body["content"]?.array else {
            return failure(.malformed, "the answer is JSON, but neither a message nor an error")
        }
        id = body["id"]?.string
        model = body["model"]?.string
        hasOutput = !blocks.isEmpty
        for block in blocks where block["type"]?.string == "text" { append(block["text"]?.string, body) }
        read(stopReason: body["stop_reason"])
        counts.read(body["usage"])
        hasFinalCount = body["usage"]?["output_tokens"] != nil
        return close()
    }

    mutating func end() -> StreamOutcome {
        switch stopReason.flatMap(FinishReason.init) {
        case .stop?: break
        case nil where isOver: break
        case nil: return failure(.truncated, "the stream ended without a stop reason and without message_stop")
        case .length? where stopReason?.contains("context") == true:
            return failure(.promptTooLarge, "prompt and answer exceed the model's context window")
        case .length?: return failure(.outputLimit, "the answer stopped at the token limit")
        case .filter?: return failure(.refused, "the model declined to answer")
        case .failure?:
            return failure(.serverError, "the answer ended as \(ProviderErrorDetail.safe(stopReason ?? ""))")
        case .tool?, .unknown?:
            return failure(.malformed, "unexpected stop reason \(ProviderErrorDetail.safe(stopReason ?? ""))")
        }
        guard !answer.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(
            ModelReply(
                text: answer.text, usage: usage, providerRequestID: id, model: model, finishReason: stopReason))
    }
}
