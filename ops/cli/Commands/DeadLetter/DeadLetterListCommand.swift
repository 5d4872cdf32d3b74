import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai dlq list [--fingerprint F]`.
struct DeadLetterListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show open dead letters by what they died of; with --fingerprint one by one.",
        discussion: """
            A fingerprint is the same for letters with the same error, agent type, kind of step, model and version of the
            prompt. The first line is the top reason for failures.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(help: ArgumentHelp("The letters that died of this.", valueName: "f")) var fingerprint: String?
    @Option(help: ArgumentHelp("At most so many letters, the newest.", valueName: "n")) var limit = 100

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000.") }
    }

    func run() async throws {
        let (fingerprint, limit) = (fingerprint, limit)
        if let fingerprint {
            let letters = try await FleetDatabase.withPool(global.fleet) {
                try await PostgresDeadLetterDesk(pool: $0).letters(.fingerprint(fingerprint), limit: limit)
            }
            global.console.emit(letters.map { DeadLetterView($0).json }) {
                letters.isEmpty
                    ? "No open dead letter has the fingerprint \(fingerprint)."
                    : global.console.render(DeadLetterView.table(letters))
            }
            return
        }
        let groups = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresDeadLetterDesk(pool: $0).groups()
        }
        global.console.emit(groups.map(DeadLetterGroupView.json)) {
            groups.isEmpty ? "No dead letters are open." : global.console.render(DeadLetterGroupView.table(groups))
        }
    }
}
