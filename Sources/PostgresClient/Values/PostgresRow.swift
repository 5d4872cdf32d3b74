/// One row while it is read: each column by its name and as the type that the context asks for, in any order.
///
/// A row has to be read whole. A name that the statement does not give, one that is read twice, a column that is left
/// over, another type, a NULL: each is an error that says where, never a value of something else.
package struct PostgresRow {
    private let rows: PostgresRows
    private let index: Int
    /// The column after the one that was read last: rows are mostly read in the order of the statement.
    private var head = 0
    /// A bit for each column that has not been read.
    private var unread: UInt64

    init(_ rows: PostgresRows, _ index: Int) throws(PostgresError) {
        guard rows.width <= UInt64.bitWidth else {
            throw PostgresError(.decoding, "\(rows.origin) has \(rows.width) columns, more than a row is read with")
        }
        if index == 0, let name = rows.nameGivenTwice {
            throw PostgresError(.decoding, "\(rows.origin) has two columns '\(name)'")
        }
        self.rows = rows
        self.index = index
        unread = rows.width == UInt64.bitWidth ? .max : 1 << UInt64(rows.width) - 1
    }

    /// Reads a column.
    @_specialize(where Value == Int)
    @_specialize(where Value == Int?)
    @_specialize(where Value == String)
    @_specialize(where Value == String?)
    @_specialize(where Value == Bool)
    package mutating func callAsFunction<Value: PostgresDecodable>(
        _ name: StaticString
    ) throws(PostgresError) -> Value {
        let column = try find(name)
        unread &= ~(1 << UInt64(column))
        head = column + 1
        return try rows.value(index, column)
    }

    /// Reads a `timestamptz` as microseconds since 1970-01-01 UTC; `Int.max` and `Int.min` are the infinities.
    package mutating func time(_ name: StaticString) throws(PostgresError) -> Int {
        (try self(name) as PostgresTimestamp).microseconds
    }

    /// Reads a `timestamptz` as microseconds since 1970-01-01 UTC; nil for NULL.
    package mutating func optionalTime(_ name: StaticString) throws(PostgresError) -> Int? {
        (try self(name) as PostgresTimestamp?)?.microseconds
    }

    /// Nobody needs what has not been read of this row.
    package mutating func skipRest() { unread = 0 }

    /// The row ends here.
    func finish() throws(PostgresError) {
        guard unread != 0 else { return }
        let names = (0..<rows.width).filter { unread & 1 << UInt64($0) != 0 }.map(rows.name)
        throw PostgresError(
            .decoding, "row \(index) of \(rows.origin) was not read whole, left over: \(names.joined(separator: ", "))")
    }

    private func find(_ name: StaticString) throws(PostgresError) -> Int {
        if isUnread(head, name) { return head }
        for column in 0..<rows.width where isUnread(column, name) { return column }
        throw PostgresError(
            .decoding,
            "\(rows.origin) has no column '\(name)', or it was read before: "
                + rows.columns.joined(separator: ", "))
    }

    private func isUnread(_ column: Int, _ name: StaticString) -> Bool {
        guard column < rows.width, unread & 1 << UInt64(column) != 0 else { return false }
        return rows.isNamed(column, name)
    }
}

extension PostgresRows {
    /// Reads every row, each to its end.
    package func map<Value>(_ read: (inout PostgresRow) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count { values.append(try value(of: index, read)) }
        return values
    }

    /// Looks at every row, each to its end.
    package func forEach(_ read: (inout PostgresRow) throws -> Void) throws {
        for index in 0..<count { try value(of: index, read) }
    }

    /// Reads every row into a dictionary; of two with the same key the later one counts.
    package func dictionary<Key: Hashable, Value>(
        _ read: (inout PostgresRow) throws -> (Key, Value)
    ) throws -> [Key: Value] {
        var values: [Key: Value] = [:]
        try forEach { row in
            let (key, value) = try read(&row)
            values[key] = value
        }
        return values
    }

    /// Reads the first row; nil if there is none.
    package func first<Value>(_ read: (inout PostgresRow) throws -> Value) throws -> Value? {
        isEmpty ? nil : try value(of: 0, read)
    }

    /// Reads the first row of a statement that always gives one.
    package func one<Value>(_ read: (inout PostgresRow) throws -> Value) throws -> Value {
        guard let value = try first(read) else { throw PostgresError(.decoding, "\(origin) gave no row") }
        return value
    }

    /// The value of a statement that gives one row of one column.
    package func only<Value: PostgresDecodable>() throws(PostgresError) -> Value {
        let values: [Value] = try column(upTo: 1)
        guard let value = values.first else { throw PostgresError(.decoding, "\(origin) gave no row") }
        return value
    }

    /// The values of a statement with one column, a value per row.
    package func column<Value: PostgresDecodable>() throws(PostgresError) -> [Value] { try column(upTo: count) }

    private func column<Value: PostgresDecodable>(upTo limit: Int) throws(PostgresError) -> [Value] {
        guard width == 1 else {
            throw PostgresError(.decoding, "\(origin) has \(width) columns instead of one")
        }
        var values: [Value] = []
        for row in 0..<min(limit, count) { values.append(try value(row, 0)) }
        return values
    }

    private func value<Value>(of index: Int, _ read: (inout PostgresRow) throws -> Value) throws -> Value {
        var row = try PostgresRow(self, index)
        let value = try read(&row)
        try row.finish()
        return value
    }
}
