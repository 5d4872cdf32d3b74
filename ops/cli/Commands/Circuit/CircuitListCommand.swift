import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai circuit list`.
struct CircuitListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the circuits that are open, with the last error.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        let rows = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).openCircuits()
        }
        global.console.emit(rows.map(\.json)) {
            rows.isEmpty
                ? "Every circuit is closed: all models may be called." : global.console.render(CircuitRow.table(rows))
        }
    }
}
