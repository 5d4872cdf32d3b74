/// Appends JSON to a buffer of bytes.
///
/// Not on top of JSON's writer, which puts commas and escapes what RFC 8259 demands: here strings are cut, more is
/// escaped, and prepared members are joined as they are.
struct JSONText {
    /// Longer strings are cut, with a note of how much is missing: a log line is no place for a payload.
    static let maximumStringBytes = 16_384

    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(512)
    }

    mutating func append(raw text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func append(raw text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    mutating func append(ascii text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(time: LogTime) {
        time.append(to: &bytes)
    }

    /// Appends a quoted string. Beside what JSON demands, the characters that some line splitters take for a line end
    /// are escaped (U+0085, U+2028, U+2029), and DEL.
    mutating func append(string text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        let missing = text.utf8.count - Self.maximumStringBytes
        if missing > 0 {
            // A cut inside a character would make invalid UTF-8: back to the character's start.
            var end = text.utf8.index(text.utf8.startIndex, offsetBy: Self.maximumStringBytes)
            while text.utf8[end] & 0xC0 == 0x80 { text.utf8.formIndex(before: &end) }
            text = String(text[..<end])
        }
        text.withUTF8 { appendEscaped($0) }
        if missing > 0 { append(ascii: "... [cut, \(missing) more bytes]") }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""): append(raw: #"\""#)
            case UInt8(ascii: "\\"): append(raw: #"\\"#)
            case UInt8(ascii: "\n"): append(raw: #"\n"#)
            case UInt8(ascii: "\r"): append(raw: #"\r"#)
            case UInt8(ascii: "\t"): append(raw: #"\t"#)
            case 0..<0x20, 0x7F:
                append(raw: #"\u00"#)
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 15))
            case 0xC2 where index + 1 < text.count && text[index + 1] == 0x85:
                append(raw: #"\u0085"#)
                index += 1
            case 0xE2 where index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8:
                append(ascii: text[index + 2] == 0xA8 ? #"\u2028"# : #"\u2029"#)
                index += 2
            default: bytes.append(byte)
            }
            index += 1
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
