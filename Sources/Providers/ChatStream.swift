internal import FleetCore

/// The stream of the Chat Completions API: a finish reason, then possibly usage, then `[DONE]`.
struct ChatStream: ReplyStream {
    private(set) var usage = TokenUsage()
    private var text = ""
    private var isRefused = false
    private var finishReason: String?
    private var id: String?

    mutating func feed(_ event: SSEEvent) -> StreamOutcome {
        if event.data.elementsEqual("[DONE]".utf8) { return finish() }
        let body: JSONValue
        switch parse(event) {
        case .success(let value): body = value
        case .failure(let failure): return .fail(failure)
        }
        if let error = body["error"], !error.isNull { return failure(for: error) }
        if event.name == "error" { return failure(for: body) }
        if id == nil { id = body["id"]?.string }
        if let reported = body["usage"], reported.object != nil { read(reported) }
        for choice in body["choices"]?.array ?? [] where (choice["index"]?.int ?? 0) == 0 {
            text += choice["delta"]?["content"]?.string ?? ""
            if let refusal = choice["delta"]?["refusal"]?.string, !refusal.isEmpty { isRefused = true }
            if let reason = choice["finish_reason"]?.string { finishReason = reason }
        }
        return .continue
    }

    private func finish() -> StreamOutcome {
        if isRefused { return failure(.refused, "the model declined to answer") }
        switch finishReason {
        case "stop"?: break
        case "length"?: return failure(.truncated, "the answer stopped at the token limit")
        case "content_filter"?: return failure(.refused, "the answer was stopped by the provider's content filter")
        case let reason?:
            return failure(.malformed, "unexpected finish reason \(ProviderErrorDetail.safe(reason))")
        case nil: return failure(.truncated, "the stream ended without a finish reason")
        }
        guard !text.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(ModelReply(text: text, usage: usage, providerRequestID: id))
    }

    private mutating func read(_ reported: JSONValue) {
        let details = reported["prompt_tokens_details"]
        usage = TokenUsage(
            inputTokens: reported.count("prompt_tokens") ?? usage.inputTokens,
            cacheReadTokens: details?.count("cached_tokens") ?? 0,
            cacheWriteTokens: details?.count("cache_write_tokens") ?? 0,
            outputTokens: reported.count("completion_tokens") ?? usage.outputTokens)
    }
}
