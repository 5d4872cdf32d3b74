internal import FleetCore

/// How long a text asks to wait: the forms in which providers write it.
enum WaitText {
    /// `20`, `1.5`, `86ms`, `6m0s`, `1h2m3.5s`, `20 seconds`, `2 days`: a bare number is seconds. Nil for anything else.
    static func seconds(_ text: some StringProtocol) -> Double? {
        var rest = Substring(text.lowercased())[...]
        var total = 0.0
        var parts = 0
        trim(&rest)
        while !rest.isEmpty {
            guard let number = number(&rest) else { return nil }
            trim(&rest)
            let word = rest.prefix { $0.isLetter }
            guard let factor = word.isEmpty && parts == 0 && rest.isEmpty ? 1 : units[String(word)] else { return nil }
            rest = rest.dropFirst(word.count)
            total += number * factor
            parts += 1
            trim(&rest)
        }
        return parts > 0 && total.isFinite ? total : nil
    }

    /// The wait that a message for people names: `Please try again in 6m0s`, `retry after 20 seconds`.
    static func seconds(inMessage message: String) -> Double? {
        let text = message.lowercased()
        for phrase in phrases {
            var start = text.startIndex
            while let range = text[start...].firstRange(of: phrase) {
                if let seconds = leading(text[range.upperBound...]) { return seconds }
                start = range.upperBound
            }
        }
        return nil
    }

    private static let phrases = [
        "try again in", "try again after", "retry in", "retry after", "retry again in", "retry again after",
        "retry_after", "retry-after", "resets in", "reset in", "reset after", "resets after", "available in",
        "available again in", "please wait", "wait for", "wait at least",
    ]
    private static let fillers: Set<String> = [
        "about", "approximately", "around", "at", "least", "another", "the", "next",
    ]

    private static let units: [String: Double] = {
        var units: [String: Double] = [:]
        let names: [(Double, [String])] = [
            (0.000_001, ["us", "µs"]), (0.001, ["ms", "msec", "millisecond", "milliseconds"]),
            (1, ["s", "sec", "secs", "second", "seconds"]), (60, ["m", "min", "mins", "minute", "minutes"]),
            (3600, ["h", "hr", "hrs", "hour", "hours"]), (86_400, ["d", "day", "days"]),
            (604_800, ["w", "week", "weeks"]),
        ]
        for (factor, names) in names { for name in names { units[name] = factor } }
        return units
    }()

    /// The wait at the beginning of a text: numbers with units, as far as they go.
    private static func leading(_ text: Substring) -> Double? {
        var rest = text.drop { " :=\"'".contains($0) }
        while true {
            let word = rest.prefix { $0.isLetter }
            guard fillers.contains(String(word)) else { break }
            rest = rest.dropFirst(word.count).drop { $0 == " " }
        }
        var total: Double?
        while true {
            var ahead = rest
            guard let number = number(&ahead) else { return total }
            trim(&ahead)
            let word = ahead.prefix { $0.isLetter }
            if let factor = units[String(word)] {
                total = (total ?? 0) + number * factor
                rest = ahead.dropFirst(word.count)
                trim(&rest)
                if rest.hasPrefix("and ") { rest = rest.dropFirst(4) }
            } else {
                // A date is no number of seconds.
                return total ?? (ahead.first == "-" || ahead.first == ":" ? nil : number)
            }
        }
    }

    private static func number(_ text: inout Substring) -> Double? {
        var end = text.startIndex
        while end < text.endIndex, text[end].isASCII, text[end].isNumber || text[end] == "." {
            let following = text.index(after: end)
            // The point at the end of a sentence is none of a number.
            if text[end] == ".", following == text.endIndex || !text[following].isNumber { break }
            end = following
        }
        guard let number = Double(text[..<end]) else { return nil }
        text = text[end...]
        return number
    }

    private static func trim(_ text: inout Substring) {
        text = text.drop { $0.isWhitespace }
        while let last = text.last, last.isWhitespace { text.removeLast() }
    }
}
