/// A statement with a name, prepared on each connection when it is first used there.
///
/// Values travel as parameters (`$1`, `$2`, …), never in the text.
package struct PostgresStatement: Sendable, Hashable {
    /// Unique in the program; shows up in the server's statistics and in errors.
    package let name: String
    /// The text, with `$1`, `$2`, … for parameters.
    package let sql: String

    /// Makes a statement; nothing is sent.
    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
