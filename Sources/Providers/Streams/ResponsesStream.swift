internal import FleetCore
import JSON

/// The answer of OpenAI's Responses API: closed by `response.completed`, `incomplete` or `failed`.
struct ResponsesStream: ReplyStream {
    private var reported = ReportedUsage.nothing
    private var hasBegun = false
    private var answer = JoinedText()
    private var refusal = ""
    private var id: String?
    private var model: String?

    var usage: ReportedUsage {
        var usage = reported
        if usage.tokens?.outputTokens == 0, !answer.isEmpty { usage.tokens = nil }
        return usage
    }

    var hasOutput: Bool { hasBegun || !answer.isEmpty }

    static func hasEvents(named name: String) -> Bool {
        ["", "message", "error"].contains(name) || name.hasPrefix("response.")
    }

    mutating func feed(_ body: WireJSON, name: String) -> StreamOutcome {
        switch body["type"]?.string ?? name {
        case "response.created":
            id = body["response"]?["id"]?.string
            model = body["response"]?["model"]?.string
        case "response.output_item.added": hasBegun = true
        case "response.output_text.delta":
            if let delta = body["delta"]?.string { answer.append(delta, body.halves[delta]) }
        case "response.refusal.delta": refusal += body["delta"]?.string ?? ""
        case "response.completed", "response.done": return feed(response: body["response"] ?? .null)
        case "response.incomplete": return incomplete(body["response"] ?? .null)
        case "response.failed", "response.cancelled":
            readUsage(body["response"] ?? .null)
            return failure(for: body["response"]?["error"])
        case "error": return failure(for: body["error"]?.object == nil ? body.value : body["error"])
        default:
            if let error = body.value.reportedError { return failure(for: error) }
        }
        return .continue
    }

    /// A server that closes its stream as Chat Completions does, and with nothing else.
    mutating func close() -> StreamOutcome {
        guard !answer.isEmpty || !refusal.isEmpty else {
            return failure(.truncated, "the stream ended without response.completed")
        }
        guard refusal.isEmpty else { return failure(.refused, "the model declined to answer") }
        return .complete(ModelReply(text: answer.text, usage: usage, providerRequestID: id, model: model))
    }

    mutating func end() -> StreamOutcome {
        failure(.truncated, "the stream ended without response.completed")
    }

    mutating func feed(whole body: WireJSON) -> StreamOutcome {
        if let error = body.value.wholeError { return failure(for: error) }
        let response = body["response"]?.object == nil ? body.value : body["response"] ?? .null
        guard response["output"]?.array != nil || response["status"]?.string != nil else {
            return failure(.malformed, "the answer is JSON, but neither a response nor an error")
        }
        return feed(response: response)
    }

    private mutating func feed(response: JSONValue) -> StreamOutcome {
        switch response["status"]?.string?.lowercased() {
        case nil, "", "completed": return complete(response)
        case "incomplete": return incomplete(response)
        case "failed":
            readUsage(response)
            return failure(for: response["error"])
        case let status?:
            readUsage(response)
            return failure(.truncated, "the response ended as \(ProviderErrorDetail.safe(status))")
        }
    }

    private mutating func incomplete(_ response: JSONValue) -> StreamOutcome {
        readUsage(response)
        let reason = response["incomplete_details"]?["reason"]?.string ?? "unknown reason"
        switch FinishReason(reason) {
        case .filter?: return failure(.refused, "the answer was stopped by the provider's content filter")
        case .length?: return failure(.outputLimit, "the answer stopped at the token limit")
        default: return failure(.truncated, "the answer is incomplete: \(ProviderErrorDetail.safe(reason))")
        }
    }

    private mutating func complete(_ response: JSONValue) -> StreamOutcome {
        readUsage(response)
        let messages = (response["output"]?.array ?? []).filter { $0["type"]?.string == "message" }
        // Newer models may think aloud in messages before the final one.
        let final = messages.filter { $0["phase"]?.string == "final_answer" }
        let parts = (final.isEmpty ? messages : final).flatMap { $0["content"]?.array ?? [] }
        let refusals = parts.compactMap { $0["refusal"]?.string }
        if !refusals.isEmpty || !refusal.isEmpty { return failure(.refused, "the model declined to answer") }
        let whole = parts.filter { $0["type"]?.string == "output_text" }.compactMap { $0["text"]?.string }.joined()
        let text = whole.isEmpty ? answer.text : whole
        guard !text.isEmpty else { return failure(.malformed, "the response holds no text") }
        if usage.tokens?.outputTokens == 0 { reported.tokens = nil }
        return .complete(
            ModelReply(
                text: text, usage: usage, providerRequestID: response["id"]?.string ?? id,
                model: response["model"]?.string ?? model, finishReason: response["status"]?.string))
    }

    /// The whole response is told once, at its end.
    private mutating func readUsage(_ response: JSONValue) {
        reported.serviceTier = response.serviceTier
        guard let counts = response["usage"], counts.object != nil else { return }
        let reading = UsageReading(responses: counts)
        reported.tokens = reading.tokens
        reported.isContradictory = reading.isContradictory
    }
}
