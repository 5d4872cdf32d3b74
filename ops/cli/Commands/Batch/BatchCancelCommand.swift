import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai batch cancel NAME`.
struct BatchCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel all tasks of a batch that have not ended.",
        discussion: """
            Counts first and asks. Calls that are being made finish and are paid for; what has ended keeps its answer. Only
            what was counted is cancelled, not what comes meanwhile. If it is cut off, run it again.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @Option(help: "Why, for the audit log.") var reason = "cancelled by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let (target, global) = (target, global)
        let (batch, count, cancelled) = try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            let batch = try await target.find(desk)
            let count = try await desk.countCancel(batch.id)
            guard count.tasks > 0 else { return (batch, count, 0) }
            try Confirmation(global: global).ask(
                "Cancel \(count.tasks) tasks of \(PlainText.line(batch.name)), \(count.ofThem) of them at work?")
            return (batch, count, try await desk.cancel(batch.id, count, action))
        }
        global.console.emit([
            "batch_id": .string(batch.id), "matched": .integer(count.tasks), "at_work": .integer(count.ofThem),
            "cancelled": .integer(cancelled),
        ]) {
            count.tasks == 0
                ? "Nothing of \(PlainText.line(batch.name)) is open."
                : "\(cancelled) of \(count.tasks) tasks were cancelled."
        }
    }
}
