internal import FleetCore
import JSON

/// The answer of the Chat Completions API: chunks with a finish reason, then possibly usage, then `[DONE]`.
///
/// Compatible servers leave out one of the two signs of an end, or send the completion as a whole. One sign is enough;
/// words that stand for a cut answer are never undone by another sign.
struct ChatStream: ReplyStream {
    private var reading: UsageReading?
    private var serviceTier: String?
    private var isOver = false
    private var answer = JoinedText()
    private var hasReasoned = false
    private var isRefused = false
    private var reason: FinishReason?
    private var reasonWord = ""
    private var id: String?
    private var model: String?

    /// Some servers count as they go: a count is final once the answer has ended.
    var usage: ReportedUsage {
        // An answer of no tokens cannot be: who counts nothing has not counted.
        let tokens = reading?.tokens.flatMap { $0.outputTokens == 0 && !answer.isEmpty ? nil : $0 }
        return ReportedUsage(
            tokens, isFinal: isOver || reason != nil, serviceTier: serviceTier,
            isContradictory: reading?.isContradictory ?? false)
    }

    var hasOutput: Bool { !answer.isEmpty || hasReasoned }

    static func hasEvents(named name: String) -> Bool {
        ["", "message", "error", "data"].contains(name)
            || ["completion", "chunk", "delta"].contains(where: name.contains)
    }

    mutating func feed(_ body: WireJSON, name: String) -> StreamOutcome {
        if let error = body.value.reportedError { return failure(for: error) }
        if name == "error" { return failure(for: body.value) }
        if id == nil { id = body["id"]?.string }
        if model == nil { model = body["model"]?.string }
        serviceTier = body.value.serviceTier ?? serviceTier
        read(usage: body["usage"] ?? body["x_groq"]?["usage"])
        for choice in body["choices"]?.array ?? [] where (choice["index"]?.int ?? 0) == 0 {
            read(choice, body)
        }
        return .continue
    }

    private mutating func read(_ choice: JSONValue, _ body: WireJSON) {
        // The whole message beside the last delta repeats what was said.
        let isDelta = choice["delta"]?.object.map { !$0.isEmpty } ?? false
        let message = isDelta ? choice["delta"] : answer.isEmpty ? choice["message"] : nil
        for text in message?["content"]?.texts ?? (answer.isEmpty ? choice["text"]?.texts : nil) ?? [] {
            answer.append(text, body.halves[text])
        }
        if let refusal = message?["refusal"]?.string, !refusal.isEmpty { isRefused = true }
        for key in ["reasoning_content", "reasoning", "thinking"] {
            if let thought = message?[key]?.string, !thought.isEmpty { hasReasoned = true }
        }
        read(usage: choice["usage"])
        guard let word = choice["finish_reason"]?.string, let meaning = FinishReason(word) else { return }
        guard reason == nil || reason == .stop else { return }
        (reason, reasonWord) = (meaning, word)
    }

    private mutating func read(usage: JSONValue?) {
        guard let usage, usage.object != nil else { return }
        let new = UsageReading(chat: usage)
        // A later count that proves nothing does not undo an earlier one.
        if new.tokens != nil || reading?.tokens == nil { reading = new }
    }

    mutating func close() -> StreamOutcome {
        isOver = true
        return end()
    }

    mutating func feed(whole body: WireJSON) -> StreamOutcome {
        if let error = body.value.wholeError { return failure(for: error) }
        _ = feed(body, name: "")
        guard body["choices"]?.array != nil else {
            return failure(.malformed, "the answer is JSON, but neither a completion nor an error")
        }
        return close()
    }

    mutating func end() -> StreamOutcome {
        if isRefused { return failure(.refused, "the model declined to answer") }
        switch reason {
        case .stop?: break
        case nil where isOver: break
        case nil: return failure(.truncated, "the stream ended without a finish reason and without [DONE]")
        case .length?: return failure(.outputLimit, "the answer stopped at the token limit")
        case .filter?: return failure(.refused, "the answer was stopped by the provider's content filter")
        case .failure?:
            return failure(.serverError, "the answer ended as \(ProviderErrorDetail.safe(reasonWord))")
        case .tool?, .unknown?:
            return failure(.malformed, "unexpected finish reason \(ProviderErrorDetail.safe(reasonWord))")
        }
        guard !answer.isEmpty else { return failure(.malformed, "the response holds no text") }
        return .complete(
            ModelReply(
                text: answer.text, usage: usage, providerRequestID: id, model: model,
                finishReason: reasonWord.isEmpty ? nil : reasonWord))
    }
}
