internal import FleetCore

/// The stream of OpenAI's Responses API: closed by `response.completed`, `incomplete` or `failed`.
struct ResponsesStream: ReplyStream {
    private(set) var usage = ReportedUsage.nothing
    private var hasBegun = false
    private var text = ""
    private var refusal = ""

    var hasOutput: Bool { hasBegun || !text.isEmpty }

    mutating func feed(_ event: SSEEvent) -> StreamOutcome {
        // Some servers end every stream as Chat Completions does; it adds nothing to the closing event.
        if event.data.elementsEqual("[DONE]".utf8) { return .continue }
        let body: JSONValue
        switch parse(event) {
        case .success(let value): body = value
        case .failure(let failure): return .fail(failure)
        }
        switch body["type"]?.string ?? event.name {
        case "response.output_item.added": hasBegun = true
        case "response.output_text.delta": text += body["delta"]?.string ?? ""
        case "response.refusal.delta": refusal += body["delta"]?.string ?? ""
        case "response.completed": return complete(body["response"] ?? .null)
        case "response.incomplete":
            let response = body["response"] ?? .null
            readUsage(response)
            let reason = response["incomplete_details"]?["reason"]?.string ?? "unknown reason"
            switch reason {
            case "content_filter": return failure(.refused, "the answer was stopped by the provider's content filter")
            case "max_output_tokens": return failure(.outputLimit, "the answer stopped at the token limit")
            default: return failure(.truncated, "the answer is incomplete: \(ProviderErrorDetail.safe(reason))")
            }
        case "response.failed":
            readUsage(body["response"] ?? .null)
            return failure(for: body["response"]?["error"])
        case "error": return failure(for: body["error"]?.object == nil ? body : body["error"])
        default: break
        }
        return .continue
    }

    private mutating func complete(_ response: JSONValue) -> StreamOutcome {
        readUsage(response)
        if let status = response["status"]?.string, status != "completed" {
            return failure(.truncated, "the response ended as \(ProviderErrorDetail.safe(status))")
        }
        let messages = (response["output"]?.array ?? []).filter { $0["type"]?.string == "message" }
        // Newer models may think aloud in messages before the final one.
        let final = messages.filter { $0["phase"]?.string == "final_answer" }
        let parts = (final.isEmpty ? messages : final).flatMap { $0["content"]?.array ?? [] }
        let refusals = parts.compactMap { $0["refusal"]?.string }
        if !refusals.isEmpty || !refusal.isEmpty { return failure(.refused, "the model declined to answer") }
        let whole = parts.filter { $0["type"]?.string == "output_text" }.compactMap { $0["text"]?.string }.joined()
        let answer = whole.isEmpty ? text : whole
        guard !answer.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(ModelReply(text: answer, usage: usage, providerRequestID: response["id"]?.string))
    }

    /// The whole response is told once, at its end.
    private mutating func readUsage(_ response: JSONValue) {
        usage.serviceTier = response.serviceTier
        guard let reported = response["usage"], reported.object != nil else { return }
        let reading = UsageReading(responses: reported)
        usage.tokens = reading.tokens
        usage.isContradictory = reading.isContradictory
    }
}
