internal import FleetCore
import JSON

/// The lenient reader behind ``WireJSON``.
///
/// Invariant: `position <= bytes.count`; every read of `bytes` follows a comparison with `bytes.count`.
struct WireParser {
    private(set) var halves: [String: WireJSON.Halves] = [:]

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private static let depthLimit = 128
    private static let replacement = Array("\u{FFFD}".utf8)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(WireError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw problem }
        return value
    }

    private var problem: WireError { WireError(isCut: position >= bytes.count, offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func value() throws(WireError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        default: return try word()
        }
    }

    private mutating func object() throws(WireError) -> JSONObject {
        try enter()
        var object = JSONObject()
        while true {
            skipSpace()
            if take(UInt8(ascii: "}")) { break }
            guard next == UInt8(ascii: "\"") else { throw problem }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw problem }
            object[key] = try value()
            skipSpace()
            guard take(UInt8(ascii: ",")) || next == UInt8(ascii: "}") else { throw problem }
        }
        depth -= 1
        return object
    }

    private mutating func array() throws(WireError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        while true {
            skipSpace()
            if take(UInt8(ascii: "]")) { break }
            elements.append(try value())
            skipSpace()
            guard take(UInt8(ascii: ",")) || next == UInt8(ascii: "]") else { throw problem }
        }
        depth -= 1
        return elements
    }

    private mutating func enter() throws(WireError) {
        guard depth < Self.depthLimit else { throw WireError(offset: position) }
        depth += 1
        position += 1
    }

    /// A number, a literal, or what a server wrote in its place.
    private mutating func word() throws(WireError) -> JSONValue {
        let start = position
        while let byte = next, Self.isWord(byte) { position += 1 }
        guard position > start else { throw problem }
        return (try? JSONValue(parsing: bytes[start..<position])) ?? .null
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }
}

// MARK: - Strings

extension WireParser {
    /// A string as it is put together from bytes and escapes.
    private struct Text {
        var utf8: [UInt8] = []
        var halves = WireJSON.Halves()

        mutating func append(_ byte: UInt8) {
            flush()
            utf8.append(byte)
        }

        /// Takes a UTF-16 unit.
        mutating func append(unit: UInt16) {
            if let high = halves.last, let scalar = WireParser.scalar(high, unit) {
                halves.last = nil
                utf8.append(contentsOf: Array(String(Character(scalar)).utf8))
                return
            }
            flush()
            if 0xD800...0xDBFF ~= unit {
                halves.last = unit
            } else if let scalar = Unicode.Scalar(unit) {
                utf8.append(contentsOf: Array(String(Character(scalar)).utf8))
            } else {
                if utf8.isEmpty { halves.first = unit }
                utf8.append(contentsOf: WireParser.replacement)
            }
        }

        /// A first half that nothing followed.
        private mutating func flush() {
            guard halves.last != nil else { return }
            halves.last = nil
            utf8.append(contentsOf: WireParser.replacement)
        }
    }

    static func scalar(_ high: UInt16, _ low: UInt16) -> Unicode.Scalar? {
        guard 0xD800...0xDBFF ~= high, 0xDC00...0xDFFF ~= low else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
    }

    /// Reads a string; `position` is at its opening quote.
    private mutating func string() throws(WireError) -> String {
        let start = position
        position += 1
        var text = Text()
        while true {
            guard let byte = next else { throw problem }
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                let (halves, last) = (text.halves, text.halves.last)
                if last != nil { text.utf8.append(contentsOf: Self.replacement) }
                guard let string = String(validating: text.utf8, as: UTF8.self) else { throw WireError(offset: start) }
                if halves != WireJSON.Halves() { self.halves[string] = halves }
                return string
            case UInt8(ascii: "\\"): try escape(&text)
            case 0xED where position + 1 < bytes.count && bytes[position] >= 0xA0:
                // Half of a pair written as UTF-8, as Java and others do.
                text.append(unit: 0xD000 | UInt16(bytes[position] & 0x3F) << 6 | UInt16(bytes[position + 1] & 0x3F))
                position += 2
            default: text.append(byte)
            }
        }
    }

    private mutating func escape(_ text: inout Text) throws(WireError) {
        guard let letter = next else { throw problem }
        position += 1
        switch letter {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count else { throw WireError(isCut: true, offset: bytes.count) }
            var unit: UInt16 = 0
            for byte in bytes[position..<position + 4] {
                guard let digit = Self.hexadecimal(byte) else { throw problem }
                unit = unit << 4 | digit
            }
            position += 4
            text.append(unit: unit)
        default: text.append(letter)
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
