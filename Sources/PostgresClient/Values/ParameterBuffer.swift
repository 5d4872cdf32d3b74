/// A statement's parameters in binary, in one buffer, ready for libpq.
struct ParameterBuffer {
    let types: [UInt32]
    private var writer = BinaryWriter()
    /// Offset in the buffer, nil for NULL.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= 65535 else {
            throw PostgresError(.decoding, "a statement has at most 65535 parameters")
        }
        types = values.map(\.type)
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        for value in values {
            let start = writer.bytes.count
            if case .null = value {
                offsets.append(nil)
            } else {
                try writer.append(value)
                offsets.append(start)
            }
            guard let length = Int32(exactly: writer.bytes.count - start), length < 1 << 30 else {
                throw PostgresError(.decoding, "a parameter is at most 1 GiB")
            }
            lengths.append(length)
        }
        // An empty value still needs an address: libpq takes a null pointer for NULL.
        writer.append(UInt8(0))
    }

    /// Calls `body` with libpq's arrays: values, lengths, formats. Do not let the pointers escape.
    func withPointers<Result>(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        writer.bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress
            let values = offsets.map { offset in
                offset.flatMap { offset in base.map { ($0 + offset).assumingMemoryBound(to: CChar.self) } }
            }
            let formats = [Int32](repeating: 1, count: values.count)
            return body(Int32(values.count), values, lengths, formats)
        }
    }
}

extension BinaryWriter {
    fileprivate mutating func append(_ value: PostgresValue) throws(PostgresError) {
        switch value {
        case .null: break
        case .bool(let value): append(UInt8(value ? 1 : 0))
        case .int4(let value): append(value)
        case .int8(let value): append(Int64(value))
        case .float8(let value): append(value)
        case .text(let value): try append(text: value)
        case .bytes(let value): append(raw: value)
        case .jsonb(let value): try append(jsonb: value)
        case .timestamptz(let value): try append(timestamp: value)
        case .boolArray, .int4Array, .int8Array, .float8Array, .textArray, .jsonbArray:
            try appendArray(value)
        }
    }

    private mutating func appendArray(_ value: PostgresValue) throws(PostgresError) {
        switch value {
        case .boolArray(let elements):
            try appendArray(of: PostgresType.bool, elements, size: 1) { $0.append(UInt8($1 ? 1 : 0)) }
        case .int4Array(let elements):
            try appendArray(of: PostgresType.int4, elements, size: 4) { $0.append($1) }
        case .int8Array(let elements):
            try appendArray(of: PostgresType.int8, elements, size: 8) { $0.append(Int64($1)) }
        case .float8Array(let elements):
            try appendArray(of: PostgresType.float8, elements, size: 8) { $0.append($1) }
        case .textArray(let elements):
            try appendArray(of: PostgresType.text, elements, size: 16) { writer, text throws(PostgresError) in
                try writer.append(text: text)
            }
        case .jsonbArray(let elements):
            try appendArray(of: PostgresType.jsonb, elements, size: 32) { writer, json throws(PostgresError) in
                try writer.append(jsonb: json)
            }
        default: break
        }
    }
}
