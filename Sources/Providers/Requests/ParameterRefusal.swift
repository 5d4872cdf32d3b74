internal import FleetCore
import JSON

/// Finds in a refusal (400, 422) the parameter that the server does not take.
struct ParameterRefusal {
    private let detail: ProviderErrorDetail
    /// Where the server says the parameter is: `response_format.type`, `body.stream_options`.
    private let places: [String]
    private let text: String

    init(_ detail: ProviderErrorDetail, _ body: JSONValue) {
        self.detail = detail
        text = detail.text.lowercased()
        let error = body["error"] ?? body
        let problems = (error["detail"] ?? body["detail"])?.array ?? []
        places =
            [error["param"]?.string].compactMap(\.self)
            + problems.compactMap { $0["loc"]?.array?.compactMap(\.string).joined(separator: ".") }
    }

    private static let codes: Set<String> = [
        "unsupported_parameter", "unknown_parameter", "unsupported_value", "extra_forbidden",
        "UnsupportedParamsError",
    ]
    private static let phrases = [
        "support", "unknown", "unrecognized", "unrecognised", "unexpected", "extra", "not permitted", "not allowed",
        "not available", "unavailable", "not implemented", "not accept", "invalid parameter", "invalid argument",
        "deprecated", "no longer", "instead", "should be", "must be", "is not valid", "not enabled", "cannot be used",
        "disabled", "remove",
    ]
    /// A limit whose value is wrong is not refused itself: without it an answer might be longer than was reckoned with.
    private static let valueProblems = [
        "too large", "too high", "too big", "exceed", "maximum", "at most", "at least", "less than", "greater than",
        "minimum", "context", "range", "between", "positive",
    ]

    /// One of the names, or nil if the refusal is about something else.
    func name(among names: [String]) -> String? {
        let isKnownCode = !detail.words.isDisjoint(with: Self.codes)
        let isPlain = isKnownCode || Self.phrases.contains(where: text.contains)
        let name: String? =
            if let placed = placedName(among: names) {
                placed
            } else if isPlain {
                mentionedName(among: names)
            } else {
                nil
            }
        guard let name, name.hasPrefix("max_") else { return name }
        guard isPlain, isKnownCode || !Self.valueProblems.contains(where: text.contains) else { return nil }
        return name
    }

    private func placedName(among names: [String]) -> String? {
        for place in places {
            // `body.stream_options.include_usage`: each part is a name, and so is the whole.
            let parts = place.lowercased().split(separator: ".").map(String.init)
            let path = parts.first == "body" ? parts.dropFirst() : parts[...]
            let fitting = names.filter { path.starts(with: $0.split(separator: ".").map(String.init)) }
            if let longest = fitting.max(by: { $0.count < $1.count }) { return longest }
        }
        return nil
    }

    /// The first name in the text; words that occur in any text count only in quotes.
    private func mentionedName(among names: [String]) -> String? {
        let found = names.compactMap { name -> (at: String.Index, name: String)? in
            let isSpecial = name.contains { $0 == "_" || $0 == "." } || name == "temperature"
            let forms = isSpecial ? [name] : ["'\(name)'", "\"\(name)\"", "`\(name)`"]
            return forms.compactMap { place(of: $0) }.min().map { ($0, name) }
        }
        return found.min { ($0.at, -$0.name.count) < ($1.at, -$1.name.count) }?.name
    }

    /// Where a word stands by itself.
    private func place(of word: String) -> String.Index? {
        var start = text.startIndex
        while let range = text[start...].firstRange(of: word) {
            let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : " "
            let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
            if !Self.isPart(before) && !Self.isPart(after) { return range.lowerBound }
            start = range.upperBound
        }
        return nil
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
