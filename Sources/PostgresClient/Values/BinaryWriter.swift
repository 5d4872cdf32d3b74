import Glibc

/// Builds values in PostgreSQL's binary format, all in one buffer.
struct BinaryWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ number: Double) {
        append(number.bitPattern)
    }

    mutating func append(raw: [UInt8]) {
        bytes.append(contentsOf: raw)
    }

    /// Appends UTF-8 and refuses NUL, which would end the text for the server.
    mutating func append(text: String) throws(PostgresError) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        let length = bytes.count - start
        let hasNul = bytes.withUnsafeBytes { buffer in
            buffer.baseAddress.map { length > 0 && memchr($0 + start, 0, length) != nil } ?? false
        }
        if hasNul {
            throw PostgresError(.invalidText, "text parameter has a NUL byte, which PostgreSQL text cannot hold")
        }
    }

    /// Appends the 1 that tells the binary form's version, then the text.
    mutating func append(jsonb: String) throws(PostgresError) {
        bytes.append(1)
        try append(text: jsonb)
    }

    mutating func append(timestamp microseconds: Int) throws(PostgresError) {
        if microseconds == .max || microseconds == .min {
            append(Int64(microseconds))
            return
        }
        let (value, overflow) = microseconds.subtractingReportingOverflow(PostgresEpoch.microsecondsAfter1970)
        guard !overflow else { throw PostgresError(.decoding, "timestamp parameter is out of range") }
        append(Int64(value))
    }

    /// Appends a length, then what `body` writes, and puts the right length in afterwards.
    mutating func appendSized(
        _ body: (inout BinaryWriter) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let start = bytes.count
        append(Int32(0))
        try body(&self)
        overwrite(Int32(bytes.count - start - 4), at: start)
    }

    mutating func overwrite<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        withUnsafeBytes(of: number.bigEndian) { source in
            bytes.withUnsafeMutableBytes { buffer in
                for (index, byte) in source.enumerated() { buffer[offset + index] = byte }
            }
        }
    }

    mutating func removeLast(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    /// Appends a one-dimensional array; an empty one has no dimension at all.
    mutating func appendArray<Element>(
        of elementType: UInt32, _ elements: [Element?], size: Int,
        _ write: (inout BinaryWriter, Element) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        reserve(20 + elements.count * (4 + size))
        append(Int32(elements.isEmpty ? 0 : 1))
        let nullFlag = bytes.count
        append(Int32(0))
        append(elementType)
        guard !elements.isEmpty else { return }
        append(Int32(elements.count))
        append(Int32(1))
        var hasNull = false
        for element in elements {
            guard let element else {
                hasNull = true
                append(Int32(-1))
                continue
            }
            try appendSized { writer throws(PostgresError) in try write(&writer, element) }
        }
        if hasNull { overwrite(Int32(1), at: nullFlag) }
    }
}
