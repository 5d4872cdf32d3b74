import ArgumentParser
import FleetCore

/// `mixmyai task cancel ID`.
struct TaskCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Cancel a task.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID

    func run() async throws {
        let answer = try await GatewayAPI.withAPI(global.fleet) { try await $0.delete(id.path()) }
        global.console.emit(answer) { "\(id.description) is cancelled." }
    }
}
