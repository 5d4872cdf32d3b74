import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai batch list`.
struct BatchListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the batches, the newest first.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(help: ArgumentHelp("Only those of a user.", valueName: "id")) var user: String?
    @Option(help: "At most so many.") var limit = 50
    @Flag(help: "Show them again every second, until interrupted.") var watch = false

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000.") }
    }

    func run() async throws {
        let (user, limit, watch, global) = (user, limit, watch, global)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            try await Repeating(isWatching: watch).run { start in
                let batches = try await desk.list(user: user, limit: limit)
                global.console.emit(batches.map { BatchView.json($0, inFull: false) }) {
                    start
                        + (batches.isEmpty ? "There are no batches." : global.console.render(BatchView.table(batches)))
                }
            }
        }
    }
}
