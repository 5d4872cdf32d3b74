import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai batch retry NAME`.
struct BatchRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Let all failed and partial tasks of a batch try their failed parts again.",
        discussion: """
            Says first how many, and asks. The schedulers carry it out, whatever becomes of this command: it is an
            operation, to be followed, paused and stopped with `mixmyai operation`. Accepted parts are not paid for again.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @OptionGroup var arguments: ReplayArguments

    func run() async throws {
        let action = try arguments.action
        let (target, arguments, global) = (target, arguments, global)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            let batch = try await target.find(desk)
            let count = try await desk.countRetry(batch.id)
            if count.tasks > 0 {
                try Confirmation(global: global).ask(
                    "Let \(count.tasks) tasks of \(PlainText.line(batch.name)) try their failed parts again, "
                        + "\(count.ofThem) of them partially completed?")
            }
            let operation = try await desk.retry(batch.id, arguments.options, action)
            try await OperationDisplay(global: global, book: PostgresOperationBook(pool: pool))
                .show(operation, follow: !arguments.detach)
        }
    }
}
