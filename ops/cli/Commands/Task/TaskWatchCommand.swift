import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task watch ID`.
struct TaskWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a task's events until it is finished.",
        discussion: "Exit status 0 if it is completed, 3 if partially, 1 if it failed or was cancelled.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID
    @Option(help: ArgumentHelp("Only events after this number.", valueName: "seq")) var after = 0

    private static let patience = Duration.seconds(60)

    func run() async throws {
        let task = try await GatewayAPI.withAPI(global.fleet) { api in
            var events = TaskEvents(api: api, id: id, after: after)
            while true {
                // Asked first: whatever a finished task's events were, the next pages have them.
                let task = try await api.get(id.path(), patience: Self.patience)
                while case let page = try await events.next(patience: Self.patience), !page.isEmpty {
                    page.forEach(show)
                }
                if TaskProgress.isFinished(task["status"]?.string ?? "") { return task }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        let status = PlainText.line(task["status"]?.string ?? "")
        global.console.note("\(id.description) is \(status)")
        switch status {
        case "completed": return
        case "partial_completion": throw CommandExit.partial.code
        default: throw CommandExit.failed.code
        }
    }

    private func show(_ event: JSONValue) {
        let console = global.console
        if console.isText { console.print(TaskEvents.line(event, style: console.style)) } else { console.print(event) }
    }
}
