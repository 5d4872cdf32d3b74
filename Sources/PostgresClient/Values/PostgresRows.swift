import CPostgres
import Glibc

/// The result of a statement: rows in binary, each read by ``PostgresRow``.
///
/// `@unchecked Sendable`: the `PGresult` is owned by this object alone, is only read after `init`, libpq's readers of
/// a finished result keep no state in it, and it is cleared once, in `deinit`.
package final class PostgresRows: @unchecked Sendable {
    private let result: OpaquePointer
    /// Name of the statement, or empty.
    private let statement: String
    /// The number of rows.
    package let count: Int
    /// Rows inserted, updated, deleted or selected, as the server counted them.
    package let affectedRows: Int
    /// The number of columns.
    let width: Int

    /// Takes the result over.
    init(owning result: OpaquePointer, of statement: String) {
        self.result = result
        self.statement = statement
        count = Int(PQntuples(result))
        width = Int(PQnfields(result))
        affectedRows = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    deinit { PQclear(result) }

    /// Whether there are no rows.
    package var isEmpty: Bool { count == 0 }

    package var columns: [String] { (0..<width).map(name) }

    /// The command's tag, for example `COMMIT` or `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// What errors call it.
    var origin: String { statement.isEmpty ? "the result" : "the result of '\(statement)'" }

    func name(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }

    /// A name that more than one column has: which of them is read would be chance.
    var nameGivenTwice: String? {
        for column in 0..<width {
            guard let name = PQfname(result, Int32(column)) else { continue }
            for other in 0..<column {
                if let earlier = PQfname(result, Int32(other)), strcmp(name, earlier) == 0 { return self.name(column) }
            }
        }
        return nil
    }

    func isNamed(_ column: Int, _ name: StaticString) -> Bool {
        guard let found = PQfname(result, Int32(column)) else { return false }
        return strcmp(found, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }

    /// Reads a field. Most are of these types; without their own code each costs a half more.
    @_specialize(where Value == Int)
    @_specialize(where Value == Int?)
    @_specialize(where Value == String)
    @_specialize(where Value == String?)
    @_specialize(where Value == Bool)
    func value<Value: PostgresDecodable>(_ row: Int, _ column: Int) throws(PostgresError) -> Value {
        guard row >= 0, row < count, column >= 0, column < width else {
            throw PostgresError(
                .decoding, "\(origin) has no row \(row) with a column \(column), but \(count) rows of \(width) columns")
        }
        let (line, field) = (Int32(row), Int32(column))
        let type = PQftype(result, field)
        guard Value.accepts(type) else {
            throw misread(row, column, "is of type \(PostgresType.name(type))", Value.self)
        }
        guard PQgetisnull(result, line, field) == 0 else {
            guard let null = Value.null else { throw misread(row, column, "is NULL", Value.self) }
            return null
        }
        var reader = BinaryReader(
            UnsafeRawBufferPointer(
                start: PQgetvalue(result, line, field), count: Int(PQgetlength(result, line, field))))
        do throws(PostgresError) {
            let value = try Value.read(&reader, type)
            if reader.isAtEnd { return value }
        } catch {
            throw misread(row, column, error.message, Value.self)
        }
        throw misread(row, column, "has bytes left over", Value.self)
    }

    /// Says where, what is there and what was to be read; never the value.
    private func misread<Value: PostgresDecodable>(
        _ row: Int, _ column: Int, _ fault: String, _ expected: Value.Type
    ) -> PostgresError {
        PostgresError(
            .decoding,
            "row \(row), column \(column) (\(name(column))) of \(origin) \(fault); to be read was \(expected.kind)")
    }
}
