import FleetCore
import JSON

/// A task in full, for people.
struct TaskView {
    private let task: JSONValue
    private let console: Console

    init(_ task: JSONValue, console: Console) {
        self.task = task
        self.console = console
    }

    var text: String {
        [header, description, subtasks, waiting].compactMap(\.self).joined(separator: "\n\n")
    }

    private func field(_ name: String) -> String { PlainText.line(task[name]?.string ?? "-") }

    private var header: String {
        var lines = [
            console.style.paint(field("title"), .bold), "task       \(field("task_id"))",
            "status     \(console.paint(state: field("status"))), \(task["progress"]?.int ?? 0) %, "
                + field("workflow_state"),
            "priority   \(field("priority"))", "user       \(field("user_id"))",
        ]
        if task["batch"]?.string != nil { lines.append("batch      \(field("batch"))") }
        lines.append("created    \(PlainText.time(task["created_at"]?.string)) UTC")
        if task["completed_at"]?.string != nil {
            lines.append("finished   \(PlainText.time(task["completed_at"]?.string)) UTC")
        } else if task["estimated_completion"]?.string != nil {
            lines.append("expected   \(PlainText.time(task["estimated_completion"]?.string)) UTC")
        }
        lines.append("cost       \(cost)")
        if task["error"]?.string != nil { lines.append("error      \(field("error"))") }
        for limitation in task.strings("limitations") { lines.append("limitation \(PlainText.line(limitation))") }
        return lines.joined(separator: "\n")
    }

    /// What is proved and, unless all is, what is expected and the most it may be.
    private var cost: String {
        let proved = "\(field("cost_usd")) USD"
        guard task["cost_at_most_usd"]?.string != nil, task["cost_at_most_usd"] != task["cost_usd"] else {
            return proved
        }
        return "\(proved) proved, \(field("cost_expected_usd")) expected, at most \(field("cost_at_most_usd"))"
    }

    private var description: String? {
        task["description"]?.string.map { PlainText.block($0) }
    }

    private var subtasks: String? {
        guard let subtasks = task["subtasks"]?.array, !subtasks.isEmpty else { return nil }
        var table = TextTable([
            .init("SUBTASK"), .init("STATUS", isState: true), .init("REVIEW"), .init("SCORE", isNumeric: true),
            .init("SPECIALIST"), .init("TITLE"),
        ])
        for subtask in subtasks {
            table.add([
                subtask["subtask_id"]?.string ?? "", subtask["status"]?.string ?? "",
                subtask["in_review"]?.bool == true ? "in review" : subtask["acceptance_status"]?.string ?? "-",
                subtask["score"]?.double.map { "\($0)" } ?? "-",
                subtask["specialist"]?.string ?? "-", subtask["title"]?.string ?? "",
            ])
        }
        return console.render(table)
    }

    private var waiting: String? {
        guard let waiting = task["waiting"]?.array, !waiting.isEmpty else { return nil }
        return waiting.map { wait in
            let until = PlainText.time(wait["until"]?.string)
            return PlainText.line(
                "waits: \(wait["step"]?.string ?? "a step") of \(wait["agent_type"]?.string ?? "?") until \(until) UTC "
                    + "(\(wait["reason"]?.string ?? "no reason given"))")
        }.joined(separator: "\n")
    }
}
