import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai operation cancel ID`.
struct OperationCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End an operation; what it has begun goes on, the rest stays open.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The operation's id.") var id: String
    @Option(help: "Why, for the audit log.") var reason = "cancelled by hand"

    func run() async throws {
        let (id, action) = (id, OperatorAction(actor: Operator.name, reason: reason))
        let record = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresOperationBook(pool: $0).change(id, to: .cancelled, action)
        }
        global.console.emit(OperationView.json(record)) { OperationView.line(record) }
    }
}
