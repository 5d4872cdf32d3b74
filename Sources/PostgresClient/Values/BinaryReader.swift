/// Reads values in PostgreSQL's binary format; throws instead of reading past the end.
package struct BinaryReader {
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

    /// Everything that is left, as UTF-8.
    mutating func text() throws(PostgresError) -> String {
        defer { bytes = bytes[bytes.endIndex...] }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PostgresError(.decoding, "is not valid UTF-8")
        }
        return text
    }

    /// Reads an array of at most one dimension.
    mutating func array<Element: PostgresDecodable>(_: Element.Type) throws(PostgresError) -> [Element] {
        let dimensions = try integer(Int32.self)
        _ = try integer(Int32.self)
        let type = try integer(UInt32.self)
        guard Element.accepts(type) else {
            throw PostgresError(.decoding, "has elements of type \(PostgresType.name(type))")
        }
        guard dimensions > 0 else { return [] }
        guard dimensions == 1 else { throw PostgresError(.decoding, "has more than one dimension") }
        let count = Int(try integer(Int32.self))
        _ = try integer(Int32.self)
        // Each element takes at least its length: a count beyond that is a broken value, not a reservation.
        guard count >= 0, count <= bytes.count / 4 else { throw PostgresError(.decoding, "is cut short") }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let length = Int(try integer(Int32.self))
            guard length >= 0 else {
                guard let null = Element.null else { throw PostgresError(.decoding, "has NULL elements") }
                elements.append(null)
                continue
            }
            var element = BinaryReader(try take(length))
            elements.append(try Element.read(&element, type))
        }
        return elements
    }

    private mutating func take(_ count: Int) throws(PostgresError) -> Slice<UnsafeRawBufferPointer> {
        guard count <= bytes.count else { throw PostgresError(.decoding, "is cut short") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }
}
