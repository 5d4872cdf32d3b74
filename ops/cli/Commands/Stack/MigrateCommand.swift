import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the schema of DATABASE_URL up to date.",
        discussion: """
            Where a pooler in transaction mode stands before the database, MIXMYAI_DIRECT_DATABASE_URL names the server
            itself.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        let applied = try await FleetDatabase.withDirectPool(global.fleet) { pool in
            try await Migrator(pool: pool).migrate()
        }
        global.console.emit(["applied": .strings(applied), "schema": .integer(Migrator.latest)]) {
            applied.isEmpty
                ? "Nothing to do: the database is at schema \(Migrator.latest)."
                : applied.map { "applied \($0)" }.joined(separator: "\n")
        }
    }
}
