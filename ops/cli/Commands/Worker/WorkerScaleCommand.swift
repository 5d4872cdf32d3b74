import ArgumentParser
import FleetCore
import JSON
import PrivateStack

/// `mixmyai worker scale N`.
struct WorkerScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Run this many workers in the private fleet.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "How many, 0 to 256.") var count: Int
    @Option(help: "Why, for the audit log.") var reason = "scaled by hand"

    func validate() throws {
        guard (0...256).contains(count) else { throw ValidationError("The number of workers must be 0 to 256.") }
    }

    func run() async throws {
        let action = try Operator.action(reason)
        let control = StackControl(global.state)
        try await control.scaleWorkers(to: count)
        // Drained ones count as workers: scaling brings them back.
        let stopped = try await control.status().processes.filter { $0.role == .worker && $0.state == .stopped }
        try await withThrowingTaskGroup { group in
            for worker in stopped { group.addTask { try await control.start(worker.name) } }
            try await group.waitForAll()
        }
        await WorkerAudit(global: global).note(action, "workers.scale", "workers", after: ["workers": .integer(count)])
        global.console.emit(["workers": .integer(count)]) {
            count == 1 ? "1 worker is running." : "\(count) workers are running."
        }
    }
}
