import ArgumentParser
import FleetCore
import FleetStore
import JSON
import PostgresClient

/// `mixmyai dlq discard ID...|--fingerprint F|--all --reason TEXT`.
struct DeadLetterDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Close dead letters for good; the rows stay.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var selection: DeadLetterSelection
    @Option(help: "Why nobody has to deal with them.") var reason: String

    func run() async throws {
        let action = try Operator.action(reason)
        let (filter, global) = (selection.filter, global)
        let count = try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresDeadLetterDesk(pool: pool)
            let preview = try await desk.preview(filter, ReplayOptions())
            if preview.letters > 0 { try Confirmation(global: global).ask("Discard \(preview.letters) dead letters?") }
            return try await desk.discard(filter, action)
        }
        global.console.emit(["discarded": .integer(count)]) {
            count == 1 ? "1 dead letter is closed." : "\(count) dead letters are closed."
        }
    }
}
