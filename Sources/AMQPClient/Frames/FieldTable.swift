import CRabbitMQ

/// A value of an AMQP table on its way to the library.
enum FieldValue {
    case string(String)
    case int(Int64)
    case bool(Bool)
    case table(amqp_table_t)

    init(_ value: AMQPValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .int(let number): self = .int(number)
        case .bool(let flag): self = .bool(flag)
        }
    }
}

/// Lends the fields as a C table. It is valid only within `body`; so are the tables nested in it.
func withFieldTable<Result>(_ fields: [(String, FieldValue)], _ body: (amqp_table_t) -> Result) -> Result {
    guard !fields.isEmpty else { return body(amqp_table_t(num_entries: 0, entries: nil)) }
    var text: [UInt8] = []
    for (key, value) in fields {
        text.append(contentsOf: key.utf8)
        if case .string(let string) = value { text.append(contentsOf: string.utf8) }
    }
    // Never empty, so that its address is never nil.
    text.append(0)
    return text.withUnsafeMutableBytes { text in
        var offset = 0
        func next(_ string: String) -> amqp_bytes_t {
            defer { offset += string.utf8.count }
            return amqp_bytes_t(len: string.utf8.count, bytes: text.baseAddress?.advanced(by: offset))
        }
        var entries = fields.map { key, value in
            var entry = amqp_table_entry_t()
            entry.key = next(key)
            switch value {
            case .string(let string):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                entry.value.value.bytes = next(string)
            case .int(let number):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                entry.value.value.i64 = number
            case .bool(let flag):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                entry.value.value.boolean = flag ? 1 : 0
            case .table(let table):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
                entry.value.value.table = table
            }
            return entry
        }
        return entries.withUnsafeMutableBufferPointer { entries in
            body(amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress))
        }
    }
}

/// Lends a string's UTF-8 to the library; valid only within `body`.
func withBytes<Result>(of string: String, _ body: (amqp_bytes_t) -> Result) -> Result {
    var string = string
    return string.withUTF8 { utf8 in
        body(amqp_bytes_t(len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
    }
}

extension String {
    /// Copies the library's bytes.
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
