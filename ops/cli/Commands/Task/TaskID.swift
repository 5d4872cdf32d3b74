import ArgumentParser

/// A task's id on the command line.
struct TaskID: ExpressibleByArgument, Sendable {
    private let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    /// Where the API has the task, with what comes after it.
    func path(_ rest: String = "") -> String { "/api/v1/tasks/\(PercentEncoding.component(text))\(rest)" }

    var description: String { PlainText.line(text) }
}
