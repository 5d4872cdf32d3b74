import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task cancel ID`.
struct TaskCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a task; of a finished one, the revision or retry that it is asked for."
    )

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID

    func run() async throws {
        let answer = try await GatewayAPI.withAPI(global.fleet) { try await $0.delete(id.path()) }
        global.console.emit(answer) { Self.text(answer, id: id.description) }
    }

    /// What was cancelled, for people.
    static func text(_ answer: JSONValue, id: String) -> String {
        let status = PlainText.line(answer["status"]?.string ?? "-")
        switch answer["cancelled"]?.string {
        case "revision":
            let revision = PlainText.line(answer["revision_id"]?.string ?? "-")
            return "The revision \(revision) of \(id) is cancelled; the task is \(status) as before."
        case "retry": return "The retry of \(id) is cancelled; the task is \(status) as before."
        default: return "\(id) is cancelled."
        }
    }
}
