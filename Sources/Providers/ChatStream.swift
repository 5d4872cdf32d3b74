internal import FleetCore

/// The stream of the Chat Completions API: a finish reason, then possibly usage, then `[DONE]`.
struct ChatStream: ReplyStream {
    private var reading: UsageReading?
    private var serviceTier: String?
    private var isOver = false
    private var text = ""
    private var isRefused = false
    private var finishReason: String?
    private var id: String?

    /// Some servers count as they go: a count is final once the answer has ended.
    var usage: ReportedUsage {
        ReportedUsage(
            reading?.tokens, isFinal: isOver || finishReason != nil, serviceTier: serviceTier,
            isContradictory: reading?.isContradictory ?? false)
    }

    var hasOutput: Bool { !text.isEmpty }

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
        serviceTier = body.serviceTier ?? serviceTier
        if let reported = body["usage"], reported.object != nil { reading = UsageReading(chat: reported) }
        for choice in body["choices"]?.array ?? [] where (choice["index"]?.int ?? 0) == 0 {
            text += choice["delta"]?["content"]?.string ?? ""
            if let refusal = choice["delta"]?["refusal"]?.string, !refusal.isEmpty { isRefused = true }
            if let reason = choice["finish_reason"]?.string { finishReason = reason }
        }
        return .continue
    }

    private mutating func finish() -> StreamOutcome {
        isOver = true
        if isRefused { return failure(.refused, "the model declined to answer") }
        switch finishReason {
        case "stop"?: break
        case "length"?: return failure(.outputLimit, "the answer stopped at the token limit")
        case "content_filter"?: return failure(.refused, "the answer was stopped by the provider's content filter")
        case let reason?:
            return failure(.malformed, "unexpected finish reason \(ProviderErrorDetail.safe(reason))")
        case nil: return failure(.truncated, "the stream ended without a finish reason")
        }
        guard !text.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(ModelReply(text: text, usage: usage, providerRequestID: id))
    }
}
