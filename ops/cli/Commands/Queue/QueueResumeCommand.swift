import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai queue resume TYPE|--user ID`.
struct QueueResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lift a pause; what it kept goes on at once.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: PauseTarget
    @Option(help: "Why, for the audit log.") var reason = "resumed by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let scope = target.scope
        let wasPaused = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresQueueControl(pool: $0).resume(scope, action)
        }
        global.console.emit([
            "scope": .string(scope.kind), "subject": .string(scope.subject), "was_paused": .bool(wasPaused),
        ]) { "\(scope.kind) \(scope.subject) \(wasPaused ? "goes on" : "was not paused")." }
    }
}
