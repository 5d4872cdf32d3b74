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

            With --admin-key the key in MIXMYAI_API_KEY is let in as an administrator's, so that a new fleet has one.
            """)

    @Flag(help: "Let MIXMYAI_API_KEY in as an administrator's key.") var adminKey = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        let fleet = global.fleet
        let key = adminKey ? try Self.adminKey(fleet) : nil
        let applied = try await FleetDatabase.withDirectPool(fleet) { pool in
            let applied = try await Migrator(pool: pool).migrate()
            if let key {
                let administrator = APIKey(name: "administrator", role: .admin, userID: nil)
                try await PostgresTaskRepository(pool: pool).register(administrator, secret: key)
            }
            return applied
        }
        global.console.emit(["applied": .strings(applied), "schema": .integer(Migrator.latest)]) {
            applied.isEmpty
                ? "Nothing to do: the database is at schema \(Migrator.latest)."
                : applied.map { "applied \($0)" }.joined(separator: "\n")
        }
    }

    /// - Throws: `usage` if it is none that the API would take.
    static func adminKey(_ fleet: FleetEnvironment) throws(CommandError) -> String {
        let key = try fleet.required("MIXMYAI_API_KEY")
        guard key.hasPrefix("mxa_"), (36...200).contains(key.utf8.count) else {
            throw CommandError(
                .usage,
                "MIXMYAI_API_KEY (\(fleet.origin(of: "MIXMYAI_API_KEY"))) is no administrator's key: `mxa_`, and then "
                    + "at least 32 random letters and digits")
        }
        return key
    }
}
