/// A failure of the store itself; failures of the database stay `PostgresError`.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Code: String, Sendable {
        case schemaMissing = "schema_missing"
        case schemaTooOld = "schema_too_old"
        case schemaTooNew = "schema_too_new"
        /// Another program's, which is not upgraded.
        case schemaForeign = "schema_foreign"
        /// The database, or the server, is of a kind that would lose or refuse work.
        case unsuitableDatabase = "unsuitable_database"
        /// A pooler breaks what goes through it, or is not what the settings say.
        case unsuitablePooler = "unsuitable_pooler"
        /// The user may not change the schema.
        case notPermitted = "not_permitted"
        /// A row holds a value that this program does not know.
        case unreadableRow = "unreadable_row"
        /// No scheduler has written yet which agent types there are.
        case notRegistered = "not_registered"
    }

    /// Migrating cures a missing or an old schema; the rest is mended as the message says.
    package let code: Code
    /// Safe to log and to show.
    package let message: String

    /// - Parameter message: says what was found and, where one helps, which command to run.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message alone, without the code.
    package var description: String { message }
}
