internal import FleetCore
import JSON

extension JSONValue {
    /// The texts of a content: one text, or a list of parts, of which those that are text count.
    var texts: [String]? {
        switch self {
        case .string(let text): [text]
        case .array(let parts): parts.flatMap { $0.partTexts }
        case .object: partTexts
        case .null, .bool, .number: nil
        }
    }

    private var partTexts: [String] {
        if let text = string { return [text] }
        // Thoughts, pictures and calls are parts as well.
        guard ["text", "output_text", nil].contains(self["type"]?.string) else { return [] }
        return (self["text"]?.string ?? self["text"]?["value"]?.string).map { [$0] } ?? []
    }

    /// The error that an event reports; nil if it reports none. Some servers send an empty one with every chunk.
    var reportedError: JSONValue? {
        if let error = self["error"], !error.saysNothing { return error }
        guard self["object"]?.string == "error" || self["type"]?.string == "error" else { return Optional.none }
        return self
    }

    /// The error that a whole reply is: also words alone, as FastAPI and some proxies send them.
    var wholeError: JSONValue? {
        if let error = reportedError { return error }
        let isBare = ["choices", "output", "content", "status"].allSatisfy { self[$0] == nil }
        let hasWords = ["message", "detail", "msg", "errors"].contains { self[$0].map { !$0.saysNothing } ?? false }
        guard isBare && hasWords else { return Optional.none }
        return self
    }

    /// Null, false, 0, or empty all through.
    private var saysNothing: Bool {
        switch self {
        case .null: true
        case .bool(let flag): !flag
        case .number(let number): number.double == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.allSatisfy(\.saysNothing)
        case .object(let object): object.members.allSatisfy { $0.value.saysNothing }
        }
    }
}
