import ArgumentParser
import FleetCore

/// `mixmyai task retry ID`.
struct TaskRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try the failed parts of a finished task again.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID

    func run() async throws {
        let answer = try await GatewayAPI.withAPI(global.fleet) { try await $0.post(id.path("/retry")) }
        global.console.emit(answer) { "The failed parts of \(id.description) will be tried again." }
    }
}
