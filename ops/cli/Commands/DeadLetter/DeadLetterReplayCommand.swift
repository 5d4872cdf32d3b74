import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai dlq replay ID...|--fingerprint F|--all`.
struct DeadLetterReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Try dead work again: its tasks try their failed parts once more.",
        discussion: """
            Says first how many letters match, which tasks that unblocks and what it may cost, and asks. The schedulers carry
            it out, whatever becomes of this command: it is an operation with a number, to be followed, paused and
            stopped with `mixmyai operation`. A letter is closed when its work succeeds.

            mixmyai dlq replay --fingerprint 5f0c9e2ab411 --canary --rate 60
            mixmyai dlq replay 17 18 --model gpt-5.2
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var selection: DeadLetterSelection
    @OptionGroup var arguments: ReplayArguments

    func run() async throws {
        let action = try arguments.action
        let (filter, arguments, global) = (selection.filter, arguments, global)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresDeadLetterDesk(pool: pool)
            let preview = ReplayPreviewView(try await desk.preview(filter, arguments.options))
            global.console.note(preview.text)
            if preview.hasAny { try Confirmation(global: global).ask("Replay?") }
            let operation = try await desk.replay(filter, arguments.options, action)
            try await OperationDisplay(global: global, book: PostgresOperationBook(pool: pool))
                .show(operation, follow: !arguments.detach)
        }
    }
}
