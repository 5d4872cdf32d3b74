import CRabbitMQ

/// The properties of a message that arrives.
struct ContentHeader {
    let bodySize: Int
    var priority: UInt8?
    var messageID: String?
    var correlationID: String?
    /// The headers whose values are text.
    var headers: [String: String] = [:]
    /// The `x-death` header.
    var deaths: [AMQPDeath] = []

    init(_ properties: amqp_basic_properties_t, bodySize: UInt64) {
        self.bodySize = Int(clamping: bodySize)
        func has(_ flag: Int32) -> Bool { properties._flags & amqp_flags_t(flag) != 0 }
        if has(AMQP_BASIC_PRIORITY_FLAG) { priority = properties.priority }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { messageID = String(properties.message_id) }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) { correlationID = String(properties.correlation_id) }
        if has(AMQP_BASIC_HEADERS_FLAG) { read(properties.headers) }
    }

    private mutating func read(_ table: amqp_table_t) {
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)) {
            switch amqp_field_value_kind_t(rawValue: UInt32(entry.value.kind)) {
            case AMQP_FIELD_KIND_UTF8, AMQP_FIELD_KIND_BYTES:
                headers[String(entry.key)] = String(entry.value.value.bytes)
            case AMQP_FIELD_KIND_ARRAY where String(entry.key) == "x-death":
                deaths = Self.deaths(entry.value.value.array)
            default: break
            }
        }
    }

    private static func deaths(_ array: amqp_array_t) -> [AMQPDeath] {
        UnsafeBufferPointer(start: array.entries, count: Int(array.num_entries)).compactMap { element in
            UInt32(element.kind) == AMQP_FIELD_KIND_TABLE.rawValue ? death(element.value.table) : nil
        }
    }

    private static func death(_ table: amqp_table_t) -> AMQPDeath {
        var death = AMQPDeath(queue: "", exchange: "", reason: "", count: 0)
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)) {
            let value = entry.value.value
            switch (String(entry.key), amqp_field_value_kind_t(rawValue: UInt32(entry.value.kind))) {
            case ("queue", AMQP_FIELD_KIND_UTF8): death.queue = String(value.bytes)
            case ("exchange", AMQP_FIELD_KIND_UTF8): death.exchange = String(value.bytes)
            case ("reason", AMQP_FIELD_KIND_UTF8): death.reason = String(value.bytes)
            case ("count", AMQP_FIELD_KIND_I64): death.count = Int(value.i64)
            case ("time", AMQP_FIELD_KIND_TIMESTAMP): death.seconds = Int(clamping: value.u64)
            default: break
            }
        }
        return death
    }
}
