internal import FleetCore
import JSON

/// What models put around the JSON that they were asked for: their reasoning before it, a Markdown fence around it.
///
/// Nothing is taken off a text that is JSON as it stands, and nothing is looked for inside the reasoning: a draft there
/// is no answer.
enum AnswerText {
    /// Reasoning ends with one of these; its beginning may be missing, because some templates put it into the prompt.
    private static let ends = [
        "</think>", "</thinking>", "</thought>", "</reasoning>", "[/THINK]", "◁/think▷",
        "<|channel|>final<|message|>",
    ]

    /// The answer inside a text; the text itself if it holds none.
    static func unwrapped(_ text: String) -> String {
        if isJSON(text) { return text }
        if let inner = CodeFence.json(in: text[...]) { return inner }
        var rest = text[...]
        while let end = ends.compactMap({ rest.firstRange(of: $0) }).min(by: { $0.lowerBound < $1.lowerBound }) {
            let tag = String(rest[end])
            rest = rest[end.upperBound...]
            // Reasoning inside of reasoning: this was not its end.
            if isOpen(tag, in: text[..<end.upperBound]) { continue }
            let answer = rest.drop(while: \.isWhitespace)
            if isJSON(answer) { return String(answer) }
            if let inner = CodeFence.json(in: answer) { return inner }
        }
        return text
    }

    private static func isOpen(_ end: String, in text: Substring) -> Bool {
        let start = end.replacing("/", with: "")
        guard start != end else { return false }
        return text.ranges(of: start).count > text.ranges(of: end).count
    }

    fileprivate static func isJSON(_ text: some StringProtocol) -> Bool { (try? JSONValue(parsing: text)) != nil }
}

/// The Markdown fence that models put around JSON.
enum CodeFence {
    /// The JSON inside a fence around the whole text; nil if there is no such fence or no JSON in it.
    static func json(in text: Substring) -> String? {
        var inner = text.drop(while: \.isWhitespace)
        while let last = inner.last, last.isWhitespace { inner.removeLast() }
        for mark: Character in ["`", "~"] where inner.hasPrefix(String(repeating: mark, count: 3)) {
            inner = inner.drop { $0 == mark }
            // A model that stops at the end of its fence leaves it out.
            while inner.last == mark { inner.removeLast() }
            inner = inner.drop { $0.isLetter || $0.isNumber }.drop(while: \.isWhitespace)
            while let last = inner.last, last.isWhitespace { inner.removeLast() }
            return AnswerText.isJSON(inner) ? String(inner) : nil
        }
        return nil
    }
}
