extension PostgresRows {
    /// Whether the field is NULL, whatever its type.
    package func isNull(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        try withField(row, column) { $0 == nil }
    }

    /// Reads a `bool`.
    package func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        try required(optionalBool(row, column), column)
    }

    /// Reads a `bool`; nil for NULL.
    package func optionalBool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool? {
        try optional(row, column, as: "boolean", { $0 == PostgresType.bool }) { reader, _ throws(PostgresError) in
            try reader.integer(UInt8.self) != 0
        }
    }

    /// Reads an `int2`, `int4`, `int8` or `oid`.
    package func int(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
        try required(optionalInt(row, column), column)
    }

    /// Reads an `int2`, `int4`, `int8` or `oid`; nil for NULL.
    package func optionalInt(_ row: Int, _ column: Int) throws(PostgresError) -> Int? {
        try optional(row, column, as: "an integer", PostgresType.isInteger) { reader, type throws(PostgresError) in
            switch type {
            case PostgresType.int2: Int(try reader.integer(Int16.self))
            case PostgresType.int4: Int(try reader.integer(Int32.self))
            case PostgresType.oid: Int(try reader.integer(UInt32.self))
            default: Int(try reader.integer(Int64.self))
            }
        }
    }

    /// Reads a `float8` or `float4`.
    package func float8(_ row: Int, _ column: Int) throws(PostgresError) -> Double {
        try required(optionalFloat8(row, column), column)
    }

    /// Reads a `float8` or `float4`; nil for NULL.
    package func optionalFloat8(_ row: Int, _ column: Int) throws(PostgresError) -> Double? {
        try optional(
            row, column, as: "a float", { $0 == PostgresType.float8 || $0 == PostgresType.float4 }
        ) { reader, type throws(PostgresError) in
            if type == PostgresType.float4 {
                Double(Float(bitPattern: try reader.integer(UInt32.self)))
            } else {
                Double(bitPattern: try reader.integer(UInt64.self))
            }
        }
    }

    /// Reads text, `json`, or the label of an enumeration.
    package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        try required(optionalText(row, column), column)
    }

    /// Reads text, `json`, or the label of an enumeration; nil for NULL.
    package func optionalText(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
        try optional(row, column, as: "text", PostgresType.isTextual) { reader, _ throws(PostgresError) in
            try reader.text()
        }
    }

    /// Reads a `bytea`.
    package func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        try required(optionalBytes(row, column), column)
    }

    /// Reads a `bytea`; nil for NULL.
    package func optionalBytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8]? {
        try optional(row, column, as: "bytea", { $0 == PostgresType.bytea }) { reader, _ in reader.rest() }
    }

    /// Reads the text of a `jsonb` or `json`.
    package func jsonText(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        try required(optionalJSONText(row, column), column)
    }

    /// Reads the text of a `jsonb` or `json`; nil for NULL.
    package func optionalJSONText(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
        try optional(
            row, column, as: "json", { $0 == PostgresType.jsonb || $0 == PostgresType.json }
        ) { reader, type throws(PostgresError) in
            if type == PostgresType.jsonb, try reader.integer(UInt8.self) != 1 {
                throw PostgresError(.decoding, "jsonb of an unknown version")
            }
            return try reader.text()
        }
    }

    /// Reads a `timestamptz` as microseconds since 1970-01-01 UTC; `Int.max` and `Int.min` are the infinities.
    package func timestamptz(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
        try required(optionalTimestamptz(row, column), column)
    }

    /// Reads a `timestamptz` as microseconds since 1970-01-01 UTC; nil for NULL.
    package func optionalTimestamptz(_ row: Int, _ column: Int) throws(PostgresError) -> Int? {
        try optional(
            row, column, as: "timestamptz", { $0 == PostgresType.timestamptz }
        ) { reader, _ throws(PostgresError) in
            let value = Int(try reader.integer(Int64.self))
            if value == .max || value == .min { return value }
            let (microseconds, overflow) = value.addingReportingOverflow(PostgresEpoch.microsecondsAfter1970)
            guard !overflow else { throw PostgresError(.decoding, "timestamp is out of range") }
            return microseconds
        }
    }

    /// Reads a `numeric` as exact decimal text, with as many places as the server shows.
    package func numericText(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        try required(optionalNumericText(row, column), column)
    }

    /// Reads a `numeric` as exact decimal text; nil for NULL.
    package func optionalNumericText(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
        try optional(row, column, as: "numeric", { $0 == PostgresType.numeric }) { reader, _ throws(PostgresError) in
            try reader.numeric()
        }
    }

    /// Reads a `uuid` as lower-case text with hyphens.
    package func uuidText(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        try required(optionalUUIDText(row, column), column)
    }

    /// Reads a `uuid` as lower-case text with hyphens; nil for NULL.
    package func optionalUUIDText(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
        try optional(row, column, as: "uuid", { $0 == PostgresType.uuid }) { reader, _ throws(PostgresError) in
            try reader.uuid()
        }
    }

    /// Reads an array of text without NULL elements.
    package func textArray(_ row: Int, _ column: Int) throws(PostgresError) -> [String] {
        try withoutNulls(textArrayWithNulls(row, column), column)
    }

    /// Reads an array of text; nil for NULL elements.
    package func textArrayWithNulls(_ row: Int, _ column: Int) throws(PostgresError) -> [String?] {
        try array(row, column, as: "an array of text", PostgresType.isTextual) { reader, _ throws(PostgresError) in
            try reader.text()
        }
    }

    /// Reads an array of any integer type without NULL elements.
    package func int8Array(_ row: Int, _ column: Int) throws(PostgresError) -> [Int] {
        try withoutNulls(int8ArrayWithNulls(row, column), column)
    }

    /// Reads an array of any integer type; nil for NULL elements.
    package func int8ArrayWithNulls(_ row: Int, _ column: Int) throws(PostgresError) -> [Int?] {
        try array(
            row, column, as: "an array of integers", PostgresType.isInteger
        ) { reader, type throws(PostgresError) in
            switch type {
            case PostgresType.int2: Int(try reader.integer(Int16.self))
            case PostgresType.int4: Int(try reader.integer(Int32.self))
            case PostgresType.oid: Int(try reader.integer(UInt32.self))
            default: Int(try reader.integer(Int64.self))
            }
        }
    }

    /// Reads a one-dimensional array whose element type `accepts`. The column's own type is that of the array; the
    /// element's stands in the value, and is what is checked.
    private func array<Element>(
        _ row: Int, _ column: Int, as expected: String, _ accepts: (UInt32) -> Bool,
        _ read: (inout BinaryReader, UInt32) throws(PostgresError) -> Element
    ) throws(PostgresError) -> [Element?] {
        let columnType = try type(of: column)
        let elements = try withField(row, column) { reader throws(PostgresError) -> [Element?]? in
            guard var reader else { return nil }
            guard PostgresType.canBeArray(columnType) else {
                throw PostgresError(.decoding, "column \(column) (\(columns[column])) is not an array")
            }
            return try reader.array { elementType throws(PostgresError) in
                guard accepts(elementType) else {
                    throw PostgresError(.decoding, "column \(column) (\(columns[column])) is not \(expected)")
                }
            } read: { reader, type throws(PostgresError) in
                try read(&reader, type)
            }
        }
        return try required(elements, column)
    }

    private func withoutNulls<Element>(_ elements: [Element?], _ column: Int) throws(PostgresError) -> [Element] {
        let present = elements.compactMap(\.self)
        guard present.count == elements.count else {
            throw PostgresError(.decoding, "column \(column) (\(columns[column])) has NULL elements")
        }
        return present
    }
}
