import ArgumentParser
import FleetCore

/// `mixmyai task get ID`.
struct TaskGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a task with its subtasks.", aliases: ["show"])

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID

    func run() async throws {
        let task = try await GatewayAPI.withAPI(global.fleet) { try await $0.get(id.path()) }
        global.console.emit(task) { TaskView(task, console: global.console).text }
    }
}
