import JSON

/// What the model says, before any envelope.
struct ModelAnswer: Sendable, Equatable {
    /// Why the answer ends.
    enum Ending: Sendable {
        case complete
        case lengthLimit
        case refusal
    }

    /// UTF-8 text of the answer or the refusal.
    var text: [UInt8]
    var ending: Ending = .complete
    /// What the model thought before it wrote.
    var reasoningTokens = 0

    /// The tokens of the text; a refusal is no output.
    var visibleTokens: Int { ending == .refusal ? 0 : Tokenizer.tokens(bytes: text.count) }

    /// Everything generated.
    var outputTokens: Int { visibleTokens + reasoningTokens }

    static let refusal = ModelAnswer(
        text: Array("I'm sorry, but I can't help with that request.".utf8), ending: .refusal)

    /// The same answer after as much reasoning as the effort takes.
    func reasoned(_ effort: String?) -> ModelAnswer {
        var answer = self
        answer.reasoningTokens = Effort.reasoningTokens(effort, visibleTokens: visibleTokens)
        return answer
    }

    /// Cuts the output to a number of tokens, at a character boundary; reasoning comes first and counts.
    func limited(to tokens: Int?) -> ModelAnswer {
        guard let tokens, outputTokens > tokens else { return self }
        let reasoning = min(reasoningTokens, tokens)
        var end = (tokens - reasoning) * Tokenizer.bytesPerToken
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return ModelAnswer(text: Array(text[..<end]), ending: .lengthLimit, reasoningTokens: reasoning)
    }

    /// The output tokens generated when a share of the text has been sent; all reasoning comes before the text.
    func outputTokens(visibleShare: Double) -> Int {
        reasoningTokens + Int(Double(visibleTokens) * min(max(0, visibleShare), 1))
    }

    private func with(text: [UInt8]) -> ModelAnswer {
        ModelAnswer(text: text, ending: ending, reasoningTokens: reasoningTokens)
    }

    /// A text that no JSON parser accepts: two thirds of an object, or prose behind a brace.
    func withBrokenJSON() -> ModelAnswer {
        guard text.first == UInt8(ascii: "{"), text.count > 3 else {
            return with(text: Array("{\"answer\": ".utf8))
        }
        var end = text.count * 2 / 3
        while end > 1, text[end] & 0xC0 == 0x80 { end -= 1 }
        return with(text: Array(text[..<end]))
    }

    /// Sound JSON without the last property of the object.
    func withoutOneProperty() -> ModelAnswer {
        var json = JSONWriter(reservingCapacity: text.count)
        let members = (try? JSONValue(parsing: text))?.object?.members ?? []
        json.write(.object(JSONObject(members.dropLast())))
        return with(text: json.bytes)
    }

    /// The same JSON, with an escaped NUL at the beginning of its first string.
    func withNUL() -> ModelAnswer {
        let colons = text.indices.dropLast().filter { text[$0] == UInt8(ascii: ":") }
        guard let colon = colons.first(where: { text[$0 + 1] == UInt8(ascii: "\"") }) else { return self }
        let start = colon + 2
        return with(text: Array(text[..<start]) + Array(#"\u0000"#.utf8) + text[start...])
    }

    /// The text in at most `limit` pieces of about equal size that do not split a character.
    func pieces(limit: Int = 20) -> [ArraySlice<UInt8>] {
        let count = max(1, min(limit, text.count / 48))
        let size = text.count / count
        var pieces: [ArraySlice<UInt8>] = []
        pieces.reserveCapacity(count)
        var start = 0
        for index in 1...count {
            var end = index == count ? text.count : index * size
            while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
            pieces.append(text[start..<max(start, end)])
            start = max(start, end)
        }
        return pieces
    }
}
