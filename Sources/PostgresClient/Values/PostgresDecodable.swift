/// A type that a column can be read as. Reading checks the column's type and never guesses.
package protocol PostgresDecodable: Sendable {
    /// What is read, for errors: "an integer".
    static var kind: String { get }
    /// What stands for NULL; nil if nothing does.
    static var null: Self? { get }

    /// Whether it can stand in a column of this type.
    static func accepts(_ type: UInt32) -> Bool

    /// Reads a field of a type that it accepts.
    static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> Self
}

extension PostgresDecodable {
    package static var null: Self? { nil }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static var kind: String { "\(Wrapped.kind) or NULL" }
    package static var null: Self? { .some(nil) }

    package static func accepts(_ type: UInt32) -> Bool { Wrapped.accepts(type) }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> Self {
        try Wrapped.read(&field, type)
    }
}

extension Bool: PostgresDecodable {
    package static var kind: String { "a boolean" }

    package static func accepts(_ type: UInt32) -> Bool { type == PostgresType.bool }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> Bool {
        try field.integer(UInt8.self) != 0
    }
}

/// An `int2`, `int4`, `int8` or `oid`.
extension Int: PostgresDecodable {
    package static var kind: String { "an integer" }

    package static func accepts(_ type: UInt32) -> Bool {
        type == PostgresType.int8 || type == PostgresType.int4 || type == PostgresType.int2 || type == PostgresType.oid
    }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> Int {
        switch type {
        case PostgresType.int2: Int(try field.integer(Int16.self))
        case PostgresType.int4: Int(try field.integer(Int32.self))
        case PostgresType.oid: Int(try field.integer(UInt32.self))
        default: Int(try field.integer(Int64.self))
        }
    }
}

/// A `float8` or `float4`.
extension Double: PostgresDecodable {
    package static var kind: String { "a float" }

    package static func accepts(_ type: UInt32) -> Bool { type == PostgresType.float8 || type == PostgresType.float4 }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> Double {
        type == PostgresType.float4
            ? Double(Float(bitPattern: try field.integer(UInt32.self)))
            : Double(bitPattern: try field.integer(UInt64.self))
    }
}

/// Text, `json`, or the label of an enumeration.
extension String: PostgresDecodable {
    package static var kind: String { "text" }

    package static func accepts(_ type: UInt32) -> Bool { PostgresType.isTextual(type) }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> String {
        try field.text()
    }
}

/// One dimension. The column's own type is that of the array; the elements' stands in the value.
extension Array: PostgresDecodable where Element: PostgresDecodable {
    package static var kind: String { "an array, each element \(Element.kind)" }

    package static func accepts(_ type: UInt32) -> Bool { PostgresType.canBeArray(type) }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> [Element] {
        try field.array(Element.self)
    }
}

/// A `timestamptz`.
package struct PostgresTimestamp: PostgresDecodable, Equatable {
    /// Since 1970-01-01 UTC; `Int.max` and `Int.min` are the infinities.
    package let microseconds: Int

    package static var kind: String { "a timestamptz" }

    package static func accepts(_ type: UInt32) -> Bool { type == PostgresType.timestamptz }

    package static func read(_ field: inout BinaryReader, _ type: UInt32) throws(PostgresError) -> PostgresTimestamp {
        let value = Int(try field.integer(Int64.self))
        if value == .max || value == .min { return PostgresTimestamp(microseconds: value) }
        let (microseconds, overflow) = value.addingReportingOverflow(PostgresEpoch.microsecondsAfter1970)
        guard !overflow else { throw PostgresError(.decoding, "is out of range") }
        return PostgresTimestamp(microseconds: microseconds)
    }
}
