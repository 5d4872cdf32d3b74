/// A reply of the server.
package enum RedisValue: Sendable, Hashable {
    case null
    case integer(Int)
    /// A binary-safe string.
    case bulk([UInt8])
    /// A short answer such as `OK`.
    case status(String)
    /// An error; stands only inside arrays and pipelines, elsewhere it is thrown.
    case error(String)
    case array([RedisValue])
}

extension RedisValue {
    /// The integer, also of a bulk string that is one.
    package var int: Int? {
        switch self {
        case .integer(let value): value
        case .bulk, .status: string.flatMap { Int($0) }
        case .null, .error, .array: nil
        }
    }

    /// The text of a bulk string or status; nil for anything else and for bytes that are no UTF-8.
    package var string: String? {
        switch self {
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        case .null, .integer, .error, .array: nil
        }
    }

    /// The bytes of a bulk string or status.
    package var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .status(let text): [UInt8](text.utf8)
        case .null, .integer, .error, .array: nil
        }
    }

    /// The elements of an array.
    package var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// Whether the reply is the null value.
    package var isNull: Bool { self == .null }
}
