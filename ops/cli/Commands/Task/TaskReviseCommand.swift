import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task revise ID --request TEXT`.
struct TaskReviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revise", abstract: "Ask for changes to a finished task's answer.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID
    @Option(help: ArgumentHelp("What to change.", valueName: "text")) var request: String
    @Option(help: ArgumentHelp("A part of the answer it is about; may be repeated.", valueName: "text"))
    var area: [String] = []
    @Option(help: "urgent, high, medium or low (default: the task's).") var priority: String?
    @Option(help: "Where to start again (default: the manager finds out).") var scope: String?

    func run() async throws {
        var body = JSONObject()
        body["revision_request"] = .string(request)
        if !area.isEmpty { body["specific_areas"] = .strings(area) }
        body["priority"] = priority.map { .string($0) }
        body["scope"] = scope.map { .string($0) }
        // Checked here with the gateway's own rules: a mistake is told before anything is sent.
        let checked = JSONValue.object(body)
        do {
            _ = try RevisionRequest.validate(checked)
        } catch {
            throw CommandError(.usage, "\(error)")
        }
        let answer = try await GatewayAPI.withAPI(global.fleet) { try await $0.post(id.path("/revise"), checked) }
        global.console.emit(answer) {
            "\(id.description) is being revised (\(PlainText.line(answer["revision_id"]?.string ?? "-")))."
        }
    }
}
