import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai dlq show ID`.
struct DeadLetterShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that is known about a dead letter: every attempt, every call, the input.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The letter's number.") var id: Int

    func run() async throws {
        let id = id
        let letter = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresDeadLetterDesk(pool: $0).letter(id)
        }
        guard let letter else { throw CommandError(.notFound, "there is no dead letter \(id)") }
        let view = DeadLetterView(letter)
        global.console.emit(view.fullJSON) { view.text(global.console) }
    }
}
