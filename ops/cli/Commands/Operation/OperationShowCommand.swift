import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai operation show ID [--follow]`.
struct OperationShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show how far an operation is.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The operation's id.") var id: String
    @Flag(help: "Until it ends or is paused.") var follow = false

    func run() async throws {
        let (id, follow, global) = (id, follow, global)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let book = PostgresOperationBook(pool: pool)
            guard let record = try await book.operation(id) else {
                throw CommandError(.notFound, "there is no operation '\(id)'; mixmyai operation list --all shows them")
            }
            if follow {
                try await OperationDisplay(global: global, book: book).show(record, follow: true)
            } else {
                global.console.emit(OperationView.json(record)) { OperationView.line(record) }
            }
        }
    }
}
