import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai queue pause TYPE|--user ID`.
struct QueuePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Send out nothing more of an agent type, or of a user; what runs finishes.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: PauseTarget
    @Option(help: "Why: shown wherever something waits for it.") var reason = "paused by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let scope = target.scope
        let (hold, isNew) = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresQueueControl(pool: $0).pause(scope, action)
        }
        global.console.emit(HoldView.json(hold)) {
            (isNew ? "Paused: " : "It was paused already: ") + HoldView.line(hold)
        }
    }
}
