import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task result ID`.
struct TaskResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result", abstract: "Print a task's last answer: Markdown, or with -o json all of it.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID

    func run() async throws {
        let result = try await GatewayAPI.withAPI(global.fleet) { try await $0.get(id.path("/result")) }
        guard global.console.isText else { return global.console.print(result) }
        guard let answer = result["result"]?["final_answer"]?.string else {
            let status = result["status"]?.string ?? "finished"
            let reason = result["error"]?.string.map { ": \($0)" } ?? ""
            throw CommandError(.failed, PlainText.line("the task is \(status) and has no answer\(reason)"))
        }
        if result["revision_in_progress"]?.bool == true {
            let status = PlainText.line(result["status"]?.string ?? "being worked on")
            global.console.note("This is the last answer; the task is \(status).")
        }
        global.console.print(PlainText.block(answer))
    }
}
