import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai operation resume ID`.
struct OperationResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a paused operation.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The operation's id.") var id: String
    @Option(help: "Why, for the audit log.") var reason = "resumed by hand"

    func run() async throws {
        let (id, action) = (id, OperatorAction(actor: Operator.name, reason: reason))
        let record = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresOperationBook(pool: $0).change(id, to: .running, action)
        }
        global.console.emit(OperationView.json(record)) { OperationView.line(record) }
    }
}
