import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task events ID`.
struct TaskEventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what has happened to a task so far.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID
    @Option(help: ArgumentHelp("Only events after this number.", valueName: "seq")) var after = 0

    func run() async throws {
        let events = try await GatewayAPI.withAPI(global.fleet) { api in
            var stream = TaskEvents(api: api, id: id, after: after)
            var events: [JSONValue] = []
            while case let page = try await stream.next(), !page.isEmpty { events += page }
            return events
        }
        let style = global.console.style
        global.console.emit(events) { events.map { TaskEvents.line($0, style: style) }.joined(separator: "\n") }
    }
}
