import PostgresClient

/// A session whose old snapshot keeps PostgreSQL from removing deleted rows.
package struct HeldSnapshot: Sendable, Equatable {
    /// Its server process.
    package let process: Int
    /// The name that the program has given itself; may be empty.
    package let application: String
    /// Seconds since its transaction began.
    package let age: Int

    init(_ row: inout PostgresRow) throws {
        process = try row("pid")
        application = try row("name")
        age = try row("age")
    }
}
