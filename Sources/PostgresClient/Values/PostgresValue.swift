/// A parameter of a statement. Its type is told to the server, its value travels in binary.
package enum PostgresValue: Sendable, Hashable {
    /// NULL; the server infers the type from the statement.
    case null
    case bool(Bool)
    case int4(Int32)
    case int8(Int)
    case float8(Double)
    /// Valid UTF-8 without NUL, which PostgreSQL text cannot hold.
    case text(String)
    /// A `bytea`.
    case bytes([UInt8])
    /// JSON text for a `jsonb`.
    case jsonb(String)
    /// Microseconds since 1970-01-01 UTC; `Int.max` and `Int.min` are `infinity` and `-infinity`.
    case timestamptz(Int)

    case boolArray([Bool])
    case int4Array([Int32?])
    case int8Array([Int?])
    case float8Array([Double?])
    case textArray([String?])
    case jsonbArray([String?])
}

extension PostgresValue {
    /// The type's object identifier; 0 for ``null``, whose type the server infers.
    var type: UInt32 {
        switch self {
        case .null: PostgresType.unspecified
        case .bool: PostgresType.bool
        case .int4: PostgresType.int4
        case .int8: PostgresType.int8
        case .float8: PostgresType.float8
        case .text: PostgresType.text
        case .bytes: PostgresType.bytea
        case .jsonb: PostgresType.jsonb
        case .timestamptz: PostgresType.timestamptz
        case .boolArray: PostgresType.boolArray
        case .int4Array: PostgresType.int4Array
        case .int8Array: PostgresType.int8Array
        case .float8Array: PostgresType.float8Array
        case .textArray: PostgresType.textArray
        case .jsonbArray: PostgresType.jsonbArray
        }
    }
}
