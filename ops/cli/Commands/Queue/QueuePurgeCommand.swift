import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai queue purge TYPE`.
struct QueuePurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Cancel everything that waits in an agent type's queue; what runs finishes.",
        discussion: """
            Counts first and asks. What is cancelled stays on record, and its tasks go on without those parts: they say
            what they lack. Only what was counted is cancelled, not what comes meanwhile.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The agent type.") var type: String
    @Option(help: "Why: kept with every step, and in the audit log.") var reason = "purged by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let (type, global) = (type, global)
        let (count, purged) = try await FleetDatabase.withPool(global.fleet) { pool in
            let control = PostgresQueueControl(pool: pool)
            let count = try await control.countPurge(type)
            guard count.steps > 0 else { return (count, 0) }
            try Confirmation(global: global).ask(
                "Cancel \(count.steps) waiting steps of \(count.tasks) tasks for \(type)?")
            return (count, try await control.purge(type, count, action))
        }
        global.console.emit([
            "agent_type": .string(type), "matched": .integer(count.steps), "tasks": .integer(count.tasks),
            "cancelled": .integer(purged),
        ]) {
            count.steps == 0
                ? "Nothing waits for \(type)." : "\(purged) of \(count.steps) waiting steps were cancelled."
        }
    }
}
