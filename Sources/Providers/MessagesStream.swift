internal import FleetCore

/// The stream of Anthropic's Messages API: closed by `message_stop`; the stop reason comes before it.
struct MessagesStream: ReplyStream {
    private var text = ""
    private var textBlocks: Set<Int> = []
    private var stopReason: String?
    private var id: String?
    private var counts = MessagesUsage()
    private var hasFinalCount = false
    private(set) var hasOutput = false

    /// The input is told first; the output is final when the answer's end has told it.
    var usage: ReportedUsage {
        ReportedUsage(counts.tokens, isFinal: hasFinalCount, serviceTier: counts.serviceTier)
    }

    mutating func feed(_ event: SSEEvent) -> StreamOutcome {
        let body: JSONValue
        switch parse(event) {
        case .success(let value): body = value
        case .failure(let failure): return .fail(failure)
        }
        switch body["type"]?.string ?? event.name {
        case "message_start":
            id = body["message"]?["id"]?.string
            counts.read(body["message"]?["usage"])
        case "content_block_start":
            hasOutput = true
            // The first block is often thinking: blocks are told apart by type, never by position.
            guard let block = body["content_block"], block["type"]?.string == "text" else { break }
            textBlocks.insert(body["index"]?.int ?? 0)
            text += block["text"]?.string ?? ""
        case "content_block_delta":
            guard textBlocks.contains(body["index"]?.int ?? 0), body["delta"]?["type"]?.string == "text_delta"
            else { break }
            text += body["delta"]?["text"]?.string ?? ""
        case "message_delta":
            if let reason = body["delta"]?["stop_reason"]?.string { stopReason = reason }
            counts.read(body["usage"])
            if stopReason != nil && body["usage"]?["output_tokens"] != nil { hasFinalCount = true }
        case "message_stop": return finish()
        case "error": return failure(for: body["error"])
        default: break
        }
        return .continue
    }

    private func finish() -> StreamOutcome {
        switch stopReason {
        case "end_turn"?, "stop_sequence"?: break
        case "max_tokens"?: return failure(.outputLimit, "the answer stopped at the token limit")
        case "model_context_window_exceeded"?:
            return failure(.invalidRequest, "prompt and answer exceed the model's context window")
        case "refusal"?: return failure(.refused, "the model declined to answer")
        case let reason?: return failure(.malformed, "unexpected stop reason \(ProviderErrorDetail.safe(reason))")
        case nil: return failure(.truncated, "the stream ended without a stop reason")
        }
        guard !text.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(ModelReply(text: text, usage: usage, providerRequestID: id))
    }
}
