/// A strict JSON reader over bytes. Written by hand because the twin parses every request on its hot path and echoes
/// parts of it by byte range.
struct JSONParser {
    private let bytes: [UInt8]
    private(set) var position = 0
    private var depth = 0

    private static let deepest = 128

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses bytes that hold exactly one value.
    ///
    /// - Throws: `TwinError` with code `invalidJSON` and the byte position.
    static func parse(_ bytes: [UInt8]) throws -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value()
        try parser.end()
        return value
    }

    /// Parses one object and says where in the bytes the value of each member lies.
    ///
    /// - Throws: `TwinError` when the bytes are anything but one object.
    static func parseObject(_ bytes: [UInt8]) throws -> [(key: String, value: JSONValue, range: Range<Int>)] {
        var parser = JSONParser(bytes)
        parser.skipSpace()
        guard parser.peek == UInt8(ascii: "{") else { throw parser.problem() }
        var members: [(key: String, value: JSONValue, range: Range<Int>)] = []
        try parser.members { key, value, range in members.append((key, value, range)) }
        try parser.end()
        return members
    }

    /// Parses the value that starts at `offset` and ignores what follows it.
    static func parsePrefix(_ bytes: [UInt8], at offset: Int) throws -> JSONValue {
        var parser = JSONParser(bytes)
        parser.position = offset
        return try parser.value()
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func problem() -> TwinError {
        TwinError(code: .invalidJSON, message: "not JSON at byte \(position)")
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func end() throws {
        skipSpace()
        if position < bytes.count { throw problem() }
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"):
            var items: [(key: String, value: JSONValue)] = []
            try members { key, value, _ in items.append((key, value)) }
            return .object(items)
        case UInt8(ascii: "["): return try .array(items())
        case UInt8(ascii: "\""): return try .string(string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try .number(number())
        }
    }

    private mutating func members(_ body: (String, JSONValue, Range<Int>) -> Void) throws {
        try descend()
        position += 1
        skipSpace()
        if peek == UInt8(ascii: "}") {
            position += 1
            depth -= 1
            return
        }
        while true {
            skipSpace()
            let key = try string()
            skipSpace()
            guard peek == UInt8(ascii: ":") else { throw problem() }
            position += 1
            skipSpace()
            let start = position
            let item = try value()
            body(key, item, start..<position)
            skipSpace()
            if try endsAfterSeparator(UInt8(ascii: "}")) { return }
        }
    }

    private mutating func items() throws -> [JSONValue] {
        try descend()
        position += 1
        skipSpace()
        if peek == UInt8(ascii: "]") {
            position += 1
            depth -= 1
            return []
        }
        var items: [JSONValue] = []
        while true {
            items.append(try value())
            skipSpace()
            if try endsAfterSeparator(UInt8(ascii: "]")) { return items }
        }
    }

    private mutating func descend() throws {
        depth += 1
        if depth > Self.deepest { throw problem() }
    }

    private mutating func endsAfterSeparator(_ closing: UInt8) throws -> Bool {
        if peek == UInt8(ascii: ",") {
            position += 1
            return false
        }
        guard peek == closing else { throw problem() }
        position += 1
        depth -= 1
        return true
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws -> JSONValue {
        let length = text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { bytes[position...].prefix(length).elementsEqual($0) }
        guard matches else { throw problem() }
        position += length
        return value
    }

    private mutating func number() throws -> Double {
        let start = position
        var isInteger = true
        var integer = 0
        var isNegative = false
        if peek == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        scan: while let byte = peek {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if position - start > 15 { isInteger = false } else { integer = integer * 10 + Int(byte & 0x0F) }
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                isInteger = false
            default: break scan
            }
            position += 1
        }
        guard position > start + (isNegative ? 1 : 0) else { throw problem() }
        if isInteger { return Double(isNegative ? -integer : integer) }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else { throw problem() }
        return number
    }

    private mutating func string() throws -> String {
        guard peek == UInt8(ascii: "\"") else { throw problem() }
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw problem()
            default: position += 1
            }
        }
        throw problem()
    }

    private mutating func escapedString(from start: Int) throws -> String {
        var text = Array(bytes[start..<position])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try appendEscape(to: &text)
            case 0..<0x20: throw problem()
            default:
                text.append(byte)
                position += 1
            }
        }
        throw problem()
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws {
        guard let byte = peek else { throw problem() }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                code = try surrogatePair(high: code)
            }
            text.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        default: throw problem()
        }
    }

    /// A lone high surrogate becomes U+FFFD and leaves what follows untouched.
    private mutating func surrogatePair(high: UInt32) throws -> UInt32 {
        guard peek == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
            return 0xFFFD
        }
        let mark = position
        position += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else {
            position = mark
            return 0xFFFD
        }
        return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard position + 4 <= bytes.count else { throw problem() }
        var code: UInt32 = 0
        for byte in bytes[position..<(position + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw problem() }
            code = code << 4 | UInt32(digit)
        }
        position += 4
        return code
    }
}
