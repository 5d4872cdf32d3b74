/// Words and sentences of a text, as far as plausible answers need them.
enum Wording {
    /// The distinct words of at least four letters, in order, lower case, without filler words.
    static func keywords(_ text: String, limit: Int) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        var rest = text.utf8[...]
        while found.count < limit, let start = rest.firstIndex(where: isLetter) {
            let part = rest[start...].prefix(while: isLetter)
            rest = rest[part.endIndex...]
            guard part.count >= 4 else { continue }
            let word = String(decoding: part.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
            guard !fillers.contains(word), seen.insert(word).inserted else { continue }
            found.append(word)
        }
        return found
    }

    /// The first five bytes of a word: enough for "finance" to meet "financial".
    static func stem(_ word: String) -> String { word.utf8.count > 5 ? clipped(word, 5) : word }

    /// The sentences and lines of at least 12 bytes, in order, without bullets.
    static func sentences(_ text: String, limit: Int) -> [String] {
        var found: [String] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count, found.count < limit {
            let end = sentenceEnd(in: bytes, from: start)
            let kept = bytes[start..<end].drop { $0 <= 0x20 || $0 == 0x2D || $0 == 0x2A || $0 == 0x23 }
            if kept.count >= 12 { found.append(trimmed(clipped(String(decoding: kept, as: UTF8.self), 240))) }
            start = end + 1
        }
        return found
    }

    /// The text cut to a number of UTF-8 bytes at a character boundary.
    static func clipped(_ text: String, _ bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: max(0, bytes))
        while end > text.startIndex, text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return String(decoding: text.utf8[..<end], as: UTF8.self)
    }

    /// `market_analyst` as `Market analyst`.
    static func title(_ type: String) -> String {
        let words = type.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// The text without white space at its ends.
    static func trimmed(_ text: String) -> String {
        var bytes = text.utf8[...]
        while let byte = bytes.first, byte <= 0x20 { bytes.removeFirst() }
        while let byte = bytes.last, byte <= 0x20 { bytes.removeLast() }
        return String(Substring(bytes))
    }

    /// The distinct words in lower case, fillers and short ones included.
    static func words(_ text: String, limit: Int) -> Set<String> {
        var found: Set<String> = []
        for part in text.utf8.split(whereSeparator: { !isLetter($0) }).prefix(limit) {
            found.insert(String(Substring(part)).lowercased())
        }
        return found
    }

    /// The end of the first sentence: a line end, or a mark with white space behind it, so not the point in 5.2.
    private static func sentenceEnd(in text: [UInt8], from start: Int) -> Int {
        var index = start
        while index < text.count {
            let byte = text[index]
            if byte == 0x0A { return index }
            if isSentenceEnd(byte), index + 1 == text.count || text[index + 1] <= 0x20 { return index }
            index += 1
        }
        return index
    }

    private static func isSentenceEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ";"), 0x0A: true
        default: false
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A) || byte >= 0x80
    }

    private static let fillers: Set<String> = [
        "about", "after", "also", "based", "because", "been", "before", "being", "between", "both", "could", "each",
        "every", "from", "have", "help", "here", "into", "just", "like", "make", "many", "more", "most", "must",
        "need", "needs", "only", "other", "over", "please", "several", "should", "some", "such", "than", "that",
        "their", "them", "then", "there", "these", "they", "this", "those", "through", "under", "using", "very",
        "want", "well", "were", "what", "when", "where", "which", "while", "will", "with", "would", "your",
    ]
}
