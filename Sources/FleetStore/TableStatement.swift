import FleetCore
import JSON
import PostgresClient

/// A table that travels with a statement: an array per column, a row per element. One list of columns makes both what
/// the statement says of it and what is sent.
struct ParameterTable<Row: Sendable>: Sendable, CustomStringConvertible {
    struct Column: Sendable {
        fileprivate let name: String
        fileprivate let type: String
        fileprivate let values: @Sendable ([Row]) -> PostgresValue
    }

    private let columns: [Column]
    private let first: Int

    /// - Parameter first: number of the first parameter; the others follow.
    init(from first: Int = 1, _ columns: [Column]) {
        self.columns = columns
        self.first = first
    }

    /// As the rows `v` of a FROM clause.
    var description: String { "\(arrays) AS v (\(names))" }

    /// The function that makes rows of the arrays.
    var arrays: String {
        let parameters = columns.enumerated().map { "$\(first + $0)::\($1.type)[]" }
        return "unnest(\(parameters.joined(separator: ", ")))"
    }

    /// The columns' names, as a list.
    var names: String { columns.map(\.name).joined(separator: ", ") }

    /// A parameter after those of the table.
    func parameter(_ number: Int = 1) -> String { "$\(next + number - 1)" }

    /// Number of the first parameter that is not the table's.
    var next: Int { first + columns.count }

    /// What is sent, in the order of the columns.
    func values(of rows: [Row]) -> [PostgresValue] { columns.map { $0.values(rows) } }
}

extension ParameterTable.Column {
    typealias Value<Kind> = @Sendable (Row) -> Kind

    static func bool(_ name: String, _ value: @escaping Value<Bool>) -> Self {
        Self(name: name, type: "bool") { .boolArray($0.map(value)) }
    }

    /// Numbers that do not fit become the nearest that do.
    static func int4(_ name: String, _ value: @escaping Value<Int?>) -> Self {
        Self(name: name, type: "int4") { .int4Array($0.map { value($0).map { Int32(clamping: $0) } }) }
    }

    static func int8(_ name: String, _ value: @escaping Value<Int?>) -> Self {
        Self(name: name, type: "int8") { .int8Array($0.map(value)) }
    }

    static func float8(_ name: String, _ value: @escaping Value<Double?>) -> Self {
        Self(name: name, type: "float8") { .float8Array($0.map(value)) }
    }

    static func text(_ name: String, _ value: @escaping Value<String?>) -> Self {
        Self(name: name, type: "text") { .textArray($0.map(value)) }
    }

    /// The text of a JSON value.
    static func jsonb(_ name: String, _ value: @escaping Value<String?>) -> Self {
        Self(name: name, type: "jsonb") { .jsonbArray($0.map(value)) }
    }

    /// An array of texts.
    static func strings(_ name: String, _ value: @escaping Value<[String]>) -> Self {
        jsonb(name) { JSONValue.strings(value($0)).serialized() }
    }
}

/// A statement with a ``ParameterTable``, and other parameters after it.
struct TableStatement<Row: Sendable>: Sendable {
    private let statement: PostgresStatement
    private let table: ParameterTable<Row>

    /// - Parameter sql: the text around the table.
    init(_ name: String, _ columns: [ParameterTable<Row>.Column], _ sql: (ParameterTable<Row>) -> String) {
        table = ParameterTable(columns)
        statement = PostgresStatement(name, sql(table))
    }

    /// Ready to be run.
    func callAsFunction(_ rows: [Row], _ others: PostgresValue...) -> (PostgresStatement, [PostgresValue]) {
        (statement, table.values(of: rows) + others)
    }
}
