import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai queue resume TYPE|--user ID|--batch NAME`.
struct QueueResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lift a pause; what it kept goes on at once.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: PauseTarget
    @Option(help: "Why, for the audit log.") var reason = "resumed by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let (scope, wasPaused) = try await FleetDatabase.withPool(global.fleet) { [target] pool in
            let scope = try await target.scope(PostgresBatchDesk(pool: pool))
            return (scope, try await PostgresQueueControl(pool: pool).resume(scope, action))
        }
        global.console.emit([
            "scope": .string(scope.kind), "subject": .string(scope.subject), "was_paused": .bool(wasPaused),
        ]) { "\(scope.kind) \(scope.subject) \(wasPaused ? "goes on" : "was not paused")." }
    }
}
