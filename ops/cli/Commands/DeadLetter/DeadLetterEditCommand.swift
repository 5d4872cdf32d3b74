import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai dlq edit ID FILE|-`.
struct DeadLetterEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Give dead work another description and try it again.",
        discussion: """
            The text comes from a file or standard input, so that it stands in no process list. It replaces the description
            of the letter's part, or of the whole task if the letter is about that. The text before stays in the letter.

            mixmyai dlq show 17 -o json | jq -r .payload
            mixmyai dlq edit 17 description.txt
            """)

    /// Bytes: as much as a task's description may have.
    private static let limit = 1 << 20

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The letter's number.") var id: Int
    @Argument(help: ArgumentHelp("The new description.", valueName: "file|-")) var file: String
    @OptionGroup var arguments: ReplayArguments

    func run() async throws {
        let action = try arguments.action
        let (id, arguments, global) = (id, arguments, global)
        let text = try TextSource.text(path: file, limit: Self.limit)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let operation = try await PostgresDeadLetterDesk(pool: pool).edit(
                id, description: text, arguments.options, action)
            try await OperationDisplay(global: global, book: PostgresOperationBook(pool: pool))
                .show(operation, follow: !arguments.detach)
        }
    }
}
