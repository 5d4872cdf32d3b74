import ArgumentParser
import FleetCore
import JSON
import PrivateStack

/// `mixmyai worker drain NAME`.
struct WorkerDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a worker of the private fleet finish what it is doing, then stop it.",
        discussion: "It stays stopped until the fleet starts again or `mixmyai worker scale` brings its number back.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The worker's name, worker-1 for example.") var name: String

    func run() async throws {
        let control = StackControl(global.state)
        let worker = try await control.status().processes.first { $0.name == name && $0.role == .worker }
        guard worker != nil else { throw CommandError(.notFound, "there is no worker \(name) in \(global.state.path)") }
        try await control.stop(name)
        global.console.emit(["name": .string(name), "state": "stopped"]) { "\(name) has finished and stopped." }
    }
}
