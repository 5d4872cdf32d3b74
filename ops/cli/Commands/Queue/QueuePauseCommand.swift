import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai queue pause TYPE|--user ID|--batch NAME`.
struct QueuePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Send out nothing more of an agent type, a user or a batch; what runs finishes."
    )

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: PauseTarget
    @Option(help: "Why: shown wherever something waits for it.") var reason = "paused by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let (hold, isNew) = try await FleetDatabase.withPool(global.fleet) { [target] pool in
            let scope = try await target.scope(PostgresBatchDesk(pool: pool))
            return try await PostgresQueueControl(pool: pool).pause(scope, action)
        }
        global.console.emit(HoldView.json(hold)) {
            (isNew ? "Paused: " : "It was paused already: ") + HoldView.line(hold)
        }
    }
}
