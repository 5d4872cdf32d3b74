/// Object identifiers of PostgreSQL's built-in types (`pg_type.dat`); they never change.
enum PostgresType {
    static let unspecified: UInt32 = 0
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let char: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let xml: UInt32 = 142
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
    static let jsonb: UInt32 = 3802

    static let boolArray: UInt32 = 1000
    static let jsonArray: UInt32 = 199
    static let nameArray: UInt32 = 1003
    static let int2Array: UInt32 = 1005
    static let int4Array: UInt32 = 1007
    static let bpcharArray: UInt32 = 1014
    static let varcharArray: UInt32 = 1015
    static let oidArray: UInt32 = 1028
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let jsonbArray: UInt32 = 3807

    /// The first identifier a user-defined type can have: enumerations (sent as their label), citext.
    static let firstUserDefined: UInt32 = 16384

    /// Types whose binary form is their text.
    static func isTextual(_ type: UInt32) -> Bool {
        switch type {
        case text, varchar, bpchar, name, char, unknown, json, xml: true
        default: type >= firstUserDefined
        }
    }

    /// Arrays of built-in types and, by their element type later, of user-defined ones.
    static func canBeArray(_ type: UInt32) -> Bool {
        switch type {
        case int2Array, int4Array, int8Array, oidArray, textArray, varcharArray, bpcharArray, nameArray, jsonArray: true
        default: type >= firstUserDefined
        }
    }

    /// As SQL calls it; other types by their number.
    static func name(_ type: UInt32) -> String {
        switch type {
        case bool: "bool"
        case bytea: "bytea"
        case int2: "int2"
        case int4: "int4"
        case int8: "int8"
        case float4: "float4"
        case float8: "float8"
        case text: "text"
        case varchar: "varchar"
        case bpchar: "char"
        case json: "json"
        case jsonb: "jsonb"
        case timestamptz: "timestamptz"
        case textArray: "text[]"
        case varcharArray: "varchar[]"
        case int4Array: "int4[]"
        case int8Array: "int8[]"
        default: "\(type)"
        }
    }
}

/// Timestamps on the wire count microseconds from 2000-01-01 UTC, the API's from 1970-01-01 UTC.
enum PostgresEpoch {
    static let microsecondsAfter1970 = 946_684_800_000_000
}
