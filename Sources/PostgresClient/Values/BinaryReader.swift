/// Reads values in PostgreSQL's binary format; throws instead of reading past the end.
struct BinaryReader {
    private var bytes: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes[...]
    }

    private init(_ bytes: Slice<UnsafeRawBufferPointer>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws(PostgresError) -> Number {
        let field = try take(MemoryLayout<Number>.size)
        return Number(bigEndian: UnsafeRawBufferPointer(rebasing: field).loadUnaligned(as: Number.self))
    }

    /// Everything that is left.
    mutating func rest() -> [UInt8] {
        defer { bytes = bytes[bytes.endIndex...] }
        return [UInt8](bytes)
    }

    /// Everything that is left, as UTF-8.
    mutating func text() throws(PostgresError) -> String {
        defer { bytes = bytes[bytes.endIndex...] }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PostgresError(.decoding, "text is not valid UTF-8")
        }
        return text
    }

    mutating func uuid() throws(PostgresError) -> String {
        let digits = [UInt8]("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in try take(16).enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads an array of at most one dimension; `check` sees the element type, also of an empty array.
    mutating func array<Element>(
        check: (UInt32) throws(PostgresError) -> Void,
        read: (inout BinaryReader, UInt32) throws(PostgresError) -> Element
    ) throws(PostgresError) -> [Element?] {
        let dimensions = try integer(Int32.self)
        _ = try integer(Int32.self)
        let type = try integer(UInt32.self)
        try check(type)
        guard dimensions > 0 else { return [] }
        guard dimensions == 1 else { throw PostgresError(.decoding, "array has more than one dimension") }
        let count = Int(try integer(Int32.self))
        _ = try integer(Int32.self)
        // Each element takes at least its length: a count beyond that is a broken value, not a reservation.
        guard count >= 0, count <= bytes.count / 4 else { throw PostgresError(.decoding, "array is cut short") }
        var elements: [Element?] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let length = Int(try integer(Int32.self))
            guard length >= 0 else {
                elements.append(nil)
                continue
            }
            var element = BinaryReader(try take(length))
            elements.append(try read(&element, type))
        }
        return elements
    }

    private mutating func take(_ count: Int) throws(PostgresError) -> Slice<UnsafeRawBufferPointer> {
        guard count <= bytes.count else { throw PostgresError(.decoding, "value is cut short") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }
}
