internal import FleetCore

/// The stream of Anthropic's Messages API: closed by `message_stop`; the stop reason comes before it.
struct MessagesStream: ReplyStream {
    private var text = ""
    private var textBlocks: Set<Int> = []
    private var stopReason: String?
    private var id: String?
    private var freshTokens = 0
    private var cacheReadTokens = 0
    private var cacheWriteTokens = 0
    private var outputTokens = 0

    /// Anthropic counts cached tokens beside the input, everyone else inside it.
    var usage: TokenUsage {
        TokenUsage(
            inputTokens: freshTokens + cacheReadTokens + cacheWriteTokens, cacheReadTokens: cacheReadTokens,
            cacheWriteTokens: cacheWriteTokens, outputTokens: outputTokens)
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
            read(body["message"]?["usage"])
        case "content_block_start":
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
            read(body["usage"])
        case "message_stop": return finish()
        case "error": return failure(for: body["error"])
        default: break
        }
        return .continue
    }

    private func finish() -> StreamOutcome {
        switch stopReason {
        case "end_turn"?, "stop_sequence"?: break
        case "max_tokens"?: return failure(.truncated, "the answer stopped at the token limit")
        case "model_context_window_exceeded"?:
            return failure(.invalidRequest, "prompt and answer exceed the model's context window")
        case "refusal"?: return failure(.refused, "the model declined to answer")
        case let reason?: return failure(.malformed, "unexpected stop reason \(ProviderErrorDetail.safe(reason))")
        case nil: return failure(.truncated, "the stream ended without a stop reason")
        }
        guard !text.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(ModelReply(text: text, usage: usage, providerRequestID: id))
    }

    /// Counts are totals so far: later ones replace earlier ones, absent ones change nothing.
    private mutating func read(_ reported: JSONValue?) {
        guard let reported else { return }
        freshTokens = reported.count("input_tokens") ?? freshTokens
        cacheReadTokens = reported.count("cache_read_input_tokens") ?? cacheReadTokens
        cacheWriteTokens = reported.count("cache_creation_input_tokens") ?? cacheWriteTokens
        outputTokens = reported.count("output_tokens") ?? outputTokens
    }
}
