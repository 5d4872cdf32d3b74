import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai batch pause NAME`.
struct BatchPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Send out nothing more of a batch; what runs finishes.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @Option(help: "Why: shown wherever something waits for it.") var reason = "paused by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let target = target
        let (hold, isNew) = try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            return try await desk.pause(target.find(desk).id, action)
        }
        global.console.emit(HoldView.json(hold)) {
            (isNew ? "Paused: " : "It was paused already: ") + HoldView.line(hold)
        }
    }
}
