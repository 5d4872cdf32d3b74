/// What stands at a place of a YAML text, before anything is made of it.
///
/// YAML 1.1 takes words for more than they look like: `no` is a boolean, `2:00` is 120, `0120` is 80. Readers ask for what
/// they need, and what is ambiguous is an error instead of a guess.
package struct YAMLNode: Sendable {
    /// One member of a mapping.
    package struct Member: Sendable {
        /// The key's text.
        package let key: String
        /// Of the key.
        package let line: Int
        /// What stands behind the colon.
        package let value: YAMLNode
    }

    package enum Content: Sendable {
        /// A text; plain means without quotes, so that YAML may take it for something else.
        case scalar(String, isPlain: Bool)
        case list([YAMLNode])
        case mapping([Member])
    }

    /// What stands there.
    package let content: Content
    /// Of the file, from 1.
    package let line: Int

    /// The member of that name; nil if this is no mapping or has none.
    package subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }

    /// The members, if this is a mapping.
    package var members: [Member]? {
        guard case .mapping(let members) = content else { return nil }
        return members
    }

    /// The entries, if this is a list.
    package var entries: [YAMLNode]? {
        guard case .list(let entries) = content else { return nil }
        return entries
    }

    /// A scalar as it is written, whatever YAML makes of it; nil for lists and mappings.
    package var raw: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    /// Whether it stands for nothing: `null`, `~`, or no text at all.
    package var isNull: Bool { kind == .null }

    /// What YAML 1.1 makes of it.
    var kind: YAMLKind {
        switch content {
        case .list: .list
        case .mapping: .mapping
        case .scalar(let text, let isPlain): isPlain ? YAMLKind(plain: text) : .text
        }
    }

    /// For messages: texts in quotes, everything else as it is written; nothing long.
    package var shown: String {
        switch (content, kind) {
        case (.scalar(let text, _), .text): "\"\(text.prefix(60))\""
        case (.scalar(let text, _), _): text.isEmpty ? "empty" : String(text.prefix(60))
        default: kind.name
        }
    }

    // MARK: What a reader needs

    /// A text; a word that YAML takes for something else has to stand in quotes.
    ///
    /// - Throws: what is wrong, going on from the field's name.
    package func text() throws(YAMLFault) -> String {
        guard let raw, kind == .text else {
            switch kind {
            case .null: throw YAMLFault("is empty")
            case .list, .mapping: throw YAMLFault("is \(kind.name), not a text")
            default: throw YAMLFault("is \(shown), which is \(kind.name) to YAML: put a text in quotes")
            }
        }
        guard !raw.isEmpty else { throw YAMLFault("is empty") }
        return raw
    }

    /// A list of texts.
    package func texts() throws(YAMLFault) -> [String] {
        guard let entries else { throw YAMLFault("is \(shown), not a list") }
        var texts: [String] = []
        for (index, entry) in entries.enumerated() {
            do {
                texts.append(try entry.text())
            } catch {
                throw YAMLFault("[\(index)] \(error.text)", line: entry.line)
            }
        }
        return texts
    }

    /// `true` or `false`, without quotes.
    package func flag() throws(YAMLFault) -> Bool {
        if kind == .boolean, raw == "true" || raw == "false" { return raw == "true" }
        let isQuoted = kind == .text && (raw == "true" || raw == "false")
        throw YAMLFault("is \(shown)\(isQuoted ? " in quotes, a text" : ""): allowed are true and false")
    }

    /// A whole number in decimal digits, without quotes.
    package func integer(in range: ClosedRange<Int>) throws(YAMLFault) -> Int {
        let allowed = "allowed are whole numbers from \(range.lowerBound) to \(range.upperBound)"
        if let trap = numberTrap { throw YAMLFault("is \(shown), \(trap): \(allowed)") }
        guard kind == .number, let raw, let number = Int(raw), range.contains(number) else {
            let isQuoted = kind == .text && raw.flatMap { Int($0) } != nil
            throw YAMLFault("is \(shown)\(isQuoted ? " in quotes, a text" : ""): \(allowed)")
        }
        return number
    }

    /// Why digits mean something else than they seem to; nil if they do not.
    package var numberTrap: String? {
        guard case .scalar(let text, true) = content, kind == .number || kind == .timestamp else { return nil }
        let digits = text.drop { $0 == "-" || $0 == "+" }
        if digits.contains(":") { return "a number of base 60 to YAML" }
        if digits.contains("_") { return "a number with underscores" }
        if digits.count > 1, digits.hasPrefix("0"),
            digits.dropFirst().first.map({ $0 != "." && $0 != "e" && $0 != "E" }) == true
        {
            return "an octal, hexadecimal or binary number to YAML"
        }
        return nil
    }
}

/// Why a value cannot be used; goes on from the field's name.
package struct YAMLFault: Error, Sendable, Equatable {
    /// `is empty`, `[1] is no, which is a boolean to YAML: …`.
    package let text: String
    /// Of the entry, if it is not the field's own.
    package let line: Int?

    /// - Parameter text: goes on from the field's name.
    package init(_ text: String, line: Int? = nil) {
        self.text = text
        self.line = line
    }
}

/// What YAML 1.1 makes of a scalar without quotes.
enum YAMLKind {
    case text, null, boolean, number, timestamp, list, mapping

    var name: String {
        switch self {
        case .text: "a text"
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .timestamp: "a date or a time"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    init(plain text: String) {
        switch text.lowercased() {
        case "", "~", "null": self = .null
        case "yes", "no", "on", "off", "true", "false", "y", "n": self = .boolean
        case ".inf", "-.inf", "+.inf", ".nan": self = .number
        default: self = Self.isNumber(text) ? .number : Self.isTimestamp(text) ? .timestamp : .text
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        let digits = text.drop { $0 == "-" || $0 == "+" }.lowercased()
        guard let first = digits.utf8.first, 0x30...0x39 ~= first || first == UInt8(ascii: "."),
            digits.utf8.contains(where: { 0x30...0x39 ~= $0 }), text.utf8.count - digits.utf8.count < 2
        else { return false }
        if digits.hasPrefix("0x") || digits.hasPrefix("0o") || digits.hasPrefix("0b") {
            return digits.dropFirst(2).allSatisfy { $0.isHexDigit || $0 == "_" }
        }
        if digits.contains(":") {
            let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
            return parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
            }
        }
        let plain = digits.filter { $0 != "_" }
        // Swift reads more than YAML (`infinity`, `0x1p3`), none of which begins like this.
        return plain.utf8.allSatisfy { 0x30...0x39 ~= $0 || "e.+-".utf8.contains($0) }
            && (Double(plain) != nil || plain.hasSuffix(".") && Double(plain.dropLast()) != nil)
    }

    private static func isTimestamp(_ text: String) -> Bool {
        let day = text.prefix(10)
        guard day.utf8.count == 10 else { return false }
        return day.enumerated().allSatisfy { index, character in
            index == 4 || index == 7 ? character == "-" : character.isASCII && character.isNumber
        }
    }
}
