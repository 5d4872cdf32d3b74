import ArgumentParser
import FleetCore
import JSON
import PrivateStack

/// `mixmyai down`.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop the private fleet in order; its data stays.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Flag(help: "Also delete everything the fleet has stored, its credentials included.") var purge = false

    func run() async throws {
        let state = global.state
        let wasRunning = try await StackControl(state).down(purge: purge)
        global.console.emit([
            "state_directory": .string(state.path), "was_running": .bool(wasRunning), "purged": .bool(purge),
        ]) {
            let stopped = wasRunning ? "The fleet has stopped" : "No fleet was running in \(state.path)"
            return purge ? "\(stopped); its data is deleted." : "\(stopped)."
        }
    }
}
