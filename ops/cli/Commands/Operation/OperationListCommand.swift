import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai operation list [--all]`.
struct OperationListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the operations that are under way.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Flag(help: "Also those that have ended.") var all = false

    func run() async throws {
        let all = all
        let records = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresOperationBook(pool: $0).operations(includingEnded: all)
        }
        global.console.emit(records.map(OperationView.json)) {
            records.isEmpty ? "No operation is under way." : global.console.render(OperationView.table(records))
        }
    }
}
