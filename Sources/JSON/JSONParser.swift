/// Strict recursive-descent reader of RFC 8259 over UTF-8 bytes.
///
/// Invariant: `position <= bytes.count`; every read of `bytes` follows a comparison with `bytes.count`.
struct JSONParser {
    static let depthLimit = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    /// Parses the bytes of a collection, without a copy if they lie together.
    static func parse(_ source: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        try read(source) { parser throws(JSONFault) in try parser.document() }
    }

    /// Parses the value that a text begins with and ignores what follows it.
    static func parsePrefix(_ source: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        try read(source) { parser throws(JSONFault) in
            parser.skipSpace()
            return try parser.value()
        }
    }

    /// Parses values that stand one after another, with or without white space between them.
    ///
    /// - Returns: each value with the offset of its first byte.
    static func parseSequence(_ source: [UInt8]) throws(JSONError) -> [(offset: Int, value: JSONValue)] {
        try read(source) { parser throws(JSONFault) in try parser.sequence() }
    }

    private static func read<Outcome>(
        _ source: some Collection<UInt8>, _ body: (inout JSONParser) throws(JSONFault) -> Outcome
    ) throws(JSONError) -> Outcome {
        // The closures of the standard library may not throw a typed error, so the outcome travels as a result.
        func result(_ buffer: UnsafeBufferPointer<UInt8>) -> Result<Outcome, JSONError> {
            Result { () throws(JSONError) in
                var parser = JSONParser(bytes: buffer)
                do throws(JSONFault) {
                    return try body(&parser)
                } catch {
                    throw JSONError(error, in: buffer)
                }
            }
        }
        let outcome = source.withContiguousStorageIfAvailable(result) ?? Array(source).withUnsafeBufferPointer(result)
        return try outcome.get()
    }

    private mutating func sequence() throws(JSONFault) -> [(offset: Int, value: JSONValue)] {
        var values: [(offset: Int, value: JSONValue)] = []
        while true {
            skipSpace()
            guard position < bytes.count else { return values }
            // Taken before the value moves the position on.
            let offset = position
            values.append((offset, try value()))
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private mutating func document() throws(JSONFault) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw JSONFault(code: .trailingData, offset: position) }
        return value
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw JSONFault(code: .unexpectedCharacter, offset: position)
        }
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        try enter()
        var object = JSONObject()
        skipSpace()
        if take(UInt8(ascii: "}")) { return leave(.object(object)) }
        while true {
            skipSpace()
            let keyOffset = position
            guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
            guard bytes[position] == UInt8(ascii: "\"") else {
                throw JSONFault(code: .unexpectedCharacter, offset: position)
            }
            let key = try string()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            guard object.insert(key, try value()) else { throw JSONFault(code: .duplicateKey, offset: keyOffset) }
            skipSpace()
            if take(UInt8(ascii: "}")) { return leave(.object(object)) }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return leave(.array(elements)) }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return leave(.array(elements)) }
            try expect(UInt8(ascii: ","))
        }
    }

    /// Steps over the opening bracket.
    private mutating func enter() throws(JSONFault) {
        guard depth < Self.depthLimit else { throw JSONFault(code: .tooDeep, offset: position) }
        depth += 1
        position += 1
    }

    private mutating func leave(_ value: JSONValue) -> JSONValue {
        depth -= 1
        return value
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[offset]) }
        return value
    }

    private mutating func number() throws(JSONFault) -> JSONNumber {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            // A leading zero stands alone.
            if position < bytes.count, Self.isDigit(bytes[position]) {
                throw JSONFault(code: .invalidNumber, offset: position)
            }
        } else {
            try digits()
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(validated: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// One digit or more.
    private mutating func digits() throws(JSONFault) {
        guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
        guard Self.isDigit(bytes[position]) else { throw JSONFault(code: .invalidNumber, offset: position) }
        while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
        guard bytes[position] == byte else { throw JSONFault(code: .unexpectedCharacter, offset: position) }
        position += 1
    }
}

// MARK: - Strings

extension JSONParser {
    /// Reads a string; `position` is at its opening quote.
    private mutating func string() throws(JSONFault) -> String {
        position += 1
        let start = position
        skipPlain()
        if take(UInt8(ascii: "\"")) { return try text(start..<position - 1) }
        var unescaped = Array(bytes[start..<position])
        let contentStart = start
        while true {
            guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                // Escapes yield valid UTF-8, so invalid bytes are in the source as they stand.
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw JSONFault(code: .invalidUTF8, offset: firstInvalid(contentStart..<position))
                }
                position += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            default: throw JSONFault(code: .controlCharacter, offset: position)
            }
            let runStart = position
            skipPlain()
            unescaped.append(contentsOf: bytes[runStart..<position])
        }
    }

    /// Stops at a quote, a backslash, a control character or the end.
    private mutating func skipPlain() {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
            position += 1
        }
    }

    private func text(_ range: Range<Int>) throws(JSONFault) -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw JSONFault(code: .invalidUTF8, offset: firstInvalid(range))
        }
        return text
    }

    private func firstInvalid(_ range: Range<Int>) -> Int {
        var decoder = UTF8()
        var iterator = bytes[range].makeIterator()
        var offset = range.lowerBound
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput, .error: return offset
            }
        }
    }

    /// Reads an escape; `position` is at its backslash.
    private mutating func escape(into output: inout [UInt8]) throws(JSONFault) {
        let start = position
        guard position + 1 < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: bytes.count) }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(letter)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): output.append(contentsOf: String(try scalar(from: start)).utf8)
        default: throw JSONFault(code: .invalidEscape, offset: start)
        }
    }

    /// Reads the digits of a `\u` escape, and the second escape of a surrogate pair.
    private mutating func scalar(from start: Int) throws(JSONFault) -> Unicode.Scalar {
        let first = try hexadecimal(start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00 else { throw JSONFault(code: .loneSurrogate, offset: start) }
        guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
        guard take(UInt8(ascii: "\\")) else { throw JSONFault(code: .loneSurrogate, offset: start) }
        guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
        guard take(UInt8(ascii: "u")) else { throw JSONFault(code: .loneSurrogate, offset: start) }
        let second = try hexadecimal(start)
        guard 0xDC00...0xDFFF ~= second,
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONFault(code: .loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func hexadecimal(_ start: Int) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: position) }
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw JSONFault(code: .invalidEscape, offset: start)
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
