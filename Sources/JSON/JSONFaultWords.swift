/// Says what a fault is: people write JSON by hand, with Python's `repr`, or let a spreadsheet do it.
struct JSONFaultWords {
    private let code: JSONError.Code
    private let offset: Int
    private let bytes: UnsafeBufferPointer<UInt8>
    private let prefix: JSONPrefix

    init(_ fault: JSONFault, in bytes: UnsafeBufferPointer<UInt8>) {
        code = fault.code
        offset = fault.offset
        self.bytes = bytes
        prefix = JSONPrefix(bytes, before: min(fault.offset, bytes.count))
    }

    var text: String {
        switch code {
        case .unexpectedEnd: end
        case .unexpectedCharacter, .trailingData: character
        case .invalidNumber: number
        case .invalidEscape: escape
        case .loneSurrogate: #"half of a surrogate pair: \uD800 to \uDFFF stand in pairs"#
        case .controlCharacter: control
        case .invalidUTF8: "bytes that are not UTF-8: the text has another encoding, or was cut inside a character"
        case .duplicateKey: "the key \(key(at: offset)) is there twice"
        case .tooDeep: "more than \(JSONParser.depthLimit) arrays and objects inside one another"
        }
    }

    private var byte: UInt8 { bytes[offset] }

    private func follows(_ text: String) -> Bool {
        bytes[offset...].starts(with: text.utf8)
    }

    // MARK: The end

    private var end: String {
        if let start = prefix.openString {
            let isKey = prefix.expectsKey
            return "the end of the text inside a \(isKey ? "key" : "string"): the quotes opened at "
                + "\(place(of: start)) are not closed"
        }
        switch prefix.last {
        case .nothing: return "no value: the text is empty"
        case .key(let range):
            return "the end of the text after the key \(quoted(range)): a colon and a value are missing"
        case .colon: return "the end of the text after a colon: a value is missing"
        case .word(let start) where !isComplete(from: start):
            return "the end of the text inside a number or a word"
        default: break
        }
        return "the end of the text although \(prefix.isInObject ? "an object" : "an array") is open: "
            + "\(prefix.isInObject ? "}" : "]") is missing"
    }

    /// Whether what was read of a word or a number could be all of it.
    private func isComplete(from start: Int) -> Bool {
        let read = bytes[start..<offset]
        return ["true", "false", "null"].contains { read.elementsEqual($0.utf8) }
            || read.last.map { 0x30...0x39 ~= $0 } ?? false
    }

    // MARK: A character that may not stand there

    private var character: String {
        if let foreign { return foreign }
        // A word that goes on where it may not, or ends too early.
        if case .word(let start) = prefix.last, !bytes[start..<offset].contains(where: JSONPrefix.endsWord),
            !JSONPrefix.endsWord(byte) && !";=".utf8.contains(byte) || !isComplete(from: start)
        {
            return wordAsWhole(from: start)
        }
        switch byte {
        case UInt8(ascii: "}"), UInt8(ascii: "]"): return closing
        case UInt8(ascii: ","): return comma
        case UInt8(ascii: ":"): return colon
        default: break
        }
        if case .key(let range) = prefix.last {
            return byte == UInt8(ascii: "=")
                ? "an equals sign after the key \(quoted(range)): a colon belongs there"
                : "no colon after the key \(quoted(range))"
        }
        if prefix.expectsKey { return inPlaceOfAKey }
        if prefix.expectsValue { return inPlaceOfAValue }
        return afterAValue
    }

    /// What is no JSON wherever it stands.
    private var foreign: String? {
        if follows("\u{FEFF}") {
            return offset == 0 ? "a byte order mark before the value" : "a byte order mark inside the text"
        }
        if offset == 0, let encoding = wholeText { return encoding }
        switch byte {
        case UInt8(ascii: "'"): return "single quotes: JSON has double quotes only"
        case UInt8(ascii: "`"): return "a backtick: JSON has double quotes only"
        case UInt8(ascii: "#"): return "a comment: JSON has none"
        case UInt8(ascii: "/") where follows("//") || follows("/*"): return "a comment: JSON has none"
        case UInt8(ascii: "-") where follows("--"): return "two minus signs"
        case UInt8(ascii: "<") where follows("<!--"): return "a comment: JSON has none"
        case UInt8(ascii: "."):
            if follows("...") { return "three dots: nothing may be left out" }
            return nil
        case UInt8(ascii: "\\"): return "a backslash outside of a string: the text may be escaped twice"
        case 0: return "a NUL byte: the text may be UTF-16, and has to be UTF-8"
        case 0..<0x20, 0x7F: return "the control character \(hexadecimal(byte)) between values"
        case 0x80...: return beyondASCII
        default: return nil
        }
    }

    /// What the first bytes say of the whole.
    private var wholeText: String? {
        let start = bytes.prefix(4)
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF])
            || (start.count > 1 && start[0] != start[1] && start.prefix(2).contains(0))
        {
            return "UTF-16 text: UTF-8 is needed"
        }
        if start.starts(with: [0x1F, 0x8B]) { return "gzip data, not text: unpack it first" }
        if follows("PK\u{3}\u{4}") { return "a ZIP archive, not text" }
        if follows("```") { return "a code fence: only the JSON between the fences may stand here" }
        return byte == UInt8(ascii: "<") ? "a text that begins like XML or HTML" : nil
    }

    private var beyondASCII: String {
        if ["\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}", "\u{201A}", "\u{AB}", "\u{BB}", "\u{FF02}"]
            .contains(where: follows)
        {
            return "typographic quotes: JSON has straight double quotes only"
        }
        if ["\u{A0}", "\u{200B}", "\u{200C}", "\u{200D}", "\u{202F}", "\u{2028}", "\u{2029}", "\u{3000}", "\u{2060}"]
            .contains(where: follows)
        {
            return "an invisible character that is no plain space, such as a no-break space, between values"
        }
        if follows("\u{2212}") { return "a typographic minus sign: numbers have a hyphen" }
        var decoder = UTF8()
        var rest = bytes[offset...].makeIterator()
        guard case .scalarValue = decoder.decode(&rest) else {
            return "bytes that are not UTF-8: the text has another encoding"
        }
        return prefix.expectsKey ? "a key without quotes" : "text without quotes"
    }

    private var closing: String {
        let (name, wanted) = byte == UInt8(ascii: "}") ? ("brace", UInt8(ascii: "{")) : ("bracket", UInt8(ascii: "["))
        switch prefix.last {
        case .comma where prefix.open.last == wanted: return "a comma before the closing \(name)"
        case .colon: return "no value after the colon"
        case .key(let range): return "no colon and no value after the key \(quoted(range))"
        default: break
        }
        if prefix.open.isEmpty { return "a closing \(name) that nothing has opened" }
        return "a closing \(name) where \(prefix.isInObject ? "a closing brace" : "a closing bracket") is due"
    }

    private var comma: String {
        switch prefix.last {
        case .nothing: "a comma before the value"
        case .opening: "a comma before the first \(prefix.isInObject ? "key" : "value")"
        case .comma: "two commas in a row"
        case .colon: "no value after the colon"
        case .key(let range): "no colon and no value after the key \(quoted(range))"
        default: "a comma after the value: only one value may stand here"
        }
    }

    private var colon: String {
        switch prefix.last {
        case .opening, .comma: prefix.isInObject ? "a colon without a key before it" : "a colon in an array"
        case .colon: "two colons in a row"
        case .string where !prefix.isInObject && !prefix.open.isEmpty:
            "a key in an array: keys stand in objects, between { and }"
        case .string where prefix.open.isEmpty: "a key outside of an object: { is missing"
        default: "a colon where a comma or the end is due"
        }
    }

    private var inPlaceOfAKey: String {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return "a bracket where a key is due"
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            return "a number as a key: keys are strings in quotes"
        default: break
        }
        let word = word(from: offset)
        let isName = word.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "$")
                || Self.isLetterOrDigit(byte)
        }
        return isName ? "the key \(word) has no quotes" : "a key without quotes"
    }

    private var inPlaceOfAValue: String {
        switch byte {
        case UInt8(ascii: "+"): return "a plus sign: numbers have none"
        case UInt8(ascii: "."): return "no digit before the decimal point"
        case UInt8(ascii: "("): return "a round bracket: arrays have square ones"
        case UInt8(ascii: ";"): return "a semicolon: values are separated by commas"
        case UInt8(ascii: "="): return "an equals sign: a value is due"
        default: return wordAsWhole(from: offset)
        }
    }

    private var afterAValue: String {
        let wasString = prefix.last == .string
        switch byte {
        case UInt8(ascii: ";"): return "a semicolon: values are separated by commas"
        case UInt8(ascii: "="): return "an equals sign: values are separated by commas, keys and values by colons"
        case UInt8(ascii: "+") where wasString: return "strings joined by a plus sign: they have to be one"
        default: break
        }
        if prefix.open.isEmpty {
            return wasString && bytes[offset - 1] == UInt8(ascii: "\"") && byte != UInt8(ascii: "\"")
                ? "text after the closing quotes: quotes inside a string are written \\\""
                : Self.beginsValue(byte)
                    ? "a second value after the first: only one may stand here" : "text after the value"
        }
        // A string that ends where it was not meant to: its next character stands right behind the quotes.
        if wasString, bytes[offset - 1] == UInt8(ascii: "\"") {
            return "text right after closing quotes: quotes inside a string are written \\\", or a comma is missing"
        }
        return Self.beginsValue(byte) || Self.isLetterOrDigit(byte)
            ? "no comma between two \(prefix.isInObject ? "members" : "values")"
            : "a character where a comma or the end is due"
    }

    // MARK: Words and numbers

    private static let foreignWords: [(words: Set<String>, instead: String)] = [
        (
            [
                "nan", "-nan", "inf", "-inf", "infinity", "-infinity", "+inf", "+infinity", "nil", "none", "null",
                "undefined", "n/a", "na",
            ], "null"
        ),
        (["true", "yes", "on"], "true"), (["false", "no", "off"], "false"),
    ]

    private func wordAsWhole(from start: Int) -> String {
        let word = word(from: start)
        let folded = word.lowercased()
        if let known = Self.foreignWords.first(where: { $0.words.contains(folded) }) {
            return "\(word) is not JSON: write \(known.instead)"
        }
        let digits = folded.drop { $0 == "-" }
        if digits.hasPrefix("0x") || digits.hasPrefix("0o") || digits.hasPrefix("0b") {
            return "a hexadecimal, octal or binary number: JSON has decimal ones only"
        }
        if let first = digits.utf8.first, 0x30...0x39 ~= first {
            if digits.contains("_") { return "an underscore in a number" }
            return "a number with other text right after it: texts such as dates and times stand in double quotes"
        }
        if start + word.utf8.count < bytes.count, bytes[start + word.utf8.count] == UInt8(ascii: "\""),
            word.utf8.count <= 2
        {
            return "a letter before the quotes"
        }
        return "text without quotes"
    }

    private func word(from start: Int) -> String {
        let end = bytes[start...].firstIndex(where: JSONPrefix.endsWord) ?? bytes.count
        return String(decoding: bytes[start..<min(end, start + 60)], as: UTF8.self)
    }

    private var number: String {
        guard case .word(let start) = prefix.last else { return "a malformed number" }
        let folded = word(from: start).lowercased()
        if Self.foreignWords[0].words.contains(folded) { return wordAsWhole(from: start) }
        let before = bytes[offset - 1]
        switch before {
        case UInt8(ascii: "-"):
            if byte == before { return "two minus signs" }
            return byte == UInt8(ascii: ".") ? "no digit before the decimal point" : "a minus sign without a number"
        case UInt8(ascii: "."): return "no digit after the decimal point"
        case UInt8(ascii: "0") where 0x30...0x39 ~= byte:
            return "a leading zero: numbers have none, and digits that are no number stand in double quotes"
        default: return "no digit in the exponent"
        }
    }

    // MARK: Inside strings

    private var escape: String {
        guard offset + 1 < bytes.count else { return "a backslash at the end" }
        switch bytes[offset + 1] {
        case UInt8(ascii: "'"): return #"\' in a string: single quotes need no backslash"#
        case UInt8(ascii: "u"): return #"\u without four hexadecimal digits"#
        case UInt8(ascii: "x"): return #"\x in a string: write \u and four hexadecimal digits"#
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return #"a line break after a backslash: write \n"#
        default: return #"a backslash that begins no escape: a backslash itself is written \\"#
        }
    }

    private var control: String {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            return #"a line break inside a string: write \n, or close the quotes"#
        case UInt8(ascii: "\t"): return #"a tab inside a string: write \t"#
        default:
            return
                "the control character \(hexadecimal(byte)) inside a string: write \\u\(hexadecimal(byte).dropFirst(2))"
        }
    }

    // MARK: Showing

    private func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    private func key(at quote: Int) -> String {
        var end = quote + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return quoted(quote + 1..<min(end, bytes.count))
    }

    /// A key as it stands in the text; a long one is a mistake and may be somebody's sentence.
    private func quoted(_ range: Range<Int>) -> String {
        let text = String(decoding: bytes[range], as: UTF8.self)
        return text.unicodeScalars.count <= 60 ? "\"\(text)\"" : "of \(text.unicodeScalars.count) characters"
    }

    private func place(of position: Int) -> String {
        let before = bytes[..<position]
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return "line \(1 + before.count { $0 == UInt8(ascii: "\n") }), column "
            + "\(1 + before[start...].count { $0 & 0xC0 != 0x80 })"
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x61...0x7A ~= byte | 0x20
    }

    private static func beginsValue(_ byte: UInt8) -> Bool {
        #"{["-"#.utf8.contains(byte) || 0x30...0x39 ~= byte
            || [UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n")].contains(byte)
    }
}
