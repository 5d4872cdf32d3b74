import CPostgres

/// The result of a statement: rows in binary, read by row and column, both counted from zero.
///
/// Every accessor checks the column's type and throws `.decoding` instead of guessing; a NULL throws too, except
/// through the optional accessors.
///
/// `@unchecked Sendable`: the `PGresult` is owned by this object alone, is only read after `init`, libpq's readers of
/// a finished result keep no state in it, and it is cleared once, in `deinit`.
package final class PostgresRows: @unchecked Sendable {
    private let result: OpaquePointer
    /// The number of rows.
    package let count: Int
    /// The columns' names.
    package var columns: [String] { (0..<width).map { PQfname(result, $0).map { String(cString: $0) } ?? "" } }
    /// Rows inserted, updated, deleted or selected, as the server counted them.
    package let affectedRows: Int
    private let width: Int32

    /// Takes the result over.
    init(owning result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
        width = PQnfields(result)
        affectedRows = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    deinit { PQclear(result) }

    /// Whether there are no rows.
    package var isEmpty: Bool { count == 0 }

    /// The command's tag, for example `COMMIT` or `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    package func column(named name: String) -> Int? { columns.firstIndex(of: name) }

    /// The column's type identifier.
    func type(of column: Int) throws(PostgresError) -> UInt32 {
        guard column >= 0, column < Int(width) else {
            throw PostgresError(.decoding, "no column \(column) in a result of \(width)")
        }
        return PQftype(result, Int32(column))
    }

    /// Calls `read` with the field's bytes, or with nil for NULL.
    func withField<Value>(
        _ row: Int, _ column: Int, _ read: (BinaryReader?) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        _ = try type(of: column)
        guard row >= 0, row < count else {
            throw PostgresError(.decoding, "no row \(row) in a result of \(count)")
        }
        let (row, field) = (Int32(row), Int32(column))
        guard PQgetisnull(result, row, field) == 0 else { return try read(nil) }
        let length = Int(PQgetlength(result, row, field))
        return try read(BinaryReader(UnsafeRawBufferPointer(start: PQgetvalue(result, row, field), count: length)))
    }

    /// Reads a field whose type `accepts`; nil for NULL.
    func optional<Value>(
        _ row: Int, _ column: Int, as expected: String, _ accepts: (UInt32) -> Bool,
        _ read: (inout BinaryReader, UInt32) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value? {
        let type = try type(of: column)
        guard accepts(type) else {
            throw PostgresError(
                .decoding, "column \(column) (\(columns[column])) has type \(type), which is not \(expected)")
        }
        return try withField(row, column) { reader throws(PostgresError) -> Value? in
            guard var reader else { return nil }
            let value = try read(&reader, type)
            guard reader.isAtEnd else {
                throw PostgresError(.decoding, "column \(column) (\(columns[column])) has bytes left over")
            }
            return value
        }
    }

    /// Turns a NULL into an error.
    func required<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else {
            throw PostgresError(.decoding, "column \(column) (\(columns[column])) is NULL")
        }
        return value
    }
}
