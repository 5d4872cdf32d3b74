import FleetCore
import JSON

/// How far a number of tasks have come.
struct TaskProgress: Sendable {
    /// In the order in which they were handed in.
    let ids: [String]
    private var states: [String: State]

    private struct State {
        var status = "pending"
        var percent = 0
    }

    init(ids: [String]) {
        self.ids = ids
        states = Dictionary(ids.map { ($0, State()) }, uniquingKeysWith: { first, _ in first })
    }

    func status(of id: String) -> String { states[id]?.status ?? "unknown" }

    /// Takes a task's summary; others' tasks are passed over.
    mutating func update(_ task: JSONValue) {
        guard let id = task["task_id"]?.string, states[id] != nil else { return }
        states[id] = State(
            status: PlainText.line(task["status"]?.string ?? "unknown"), percent: task["progress"]?.int ?? 0)
    }

    func contains(_ id: String) -> Bool { states[id] != nil }

    var open: [String] { ids.filter { !Self.isFinished(status(of: $0)) } }

    var isFinished: Bool { states.values.allSatisfy { Self.isFinished($0.status) } }

    var counts: [String: Int] { states.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 } }

    static func isFinished(_ status: String) -> Bool { TaskStatus(rawValue: status)?.isTerminal ?? false }

    /// Two lines: a bar, and the counts in the order of a task's life.
    func lines(elapsed: Duration) -> [String] {
        let total = max(1, states.count)
        let finished = states.values.count { Self.isFinished($0.status) }
        let percent = states.values.reduce(0) { $0 + (Self.isFinished($1.status) ? 100 : $1.percent) } / total
        let filled = min(Self.barWidth, percent * Self.barWidth / 100)
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
        let time = PlainText.duration(seconds: Int(elapsed.components.seconds))
        let counts = counts
        let known = TaskStatus.allCases.map(\.rawValue)
        let order = known + counts.keys.filter { !known.contains($0) }.sorted()
        let parts = order.compactMap { status in
            counts[status].map { "\(status.split(separator: "_").joined(separator: " ")) \($0)" }
        }
        return [
            "\(bar) \(percent) %  \(finished)/\(states.count) finished  \(time)",
            parts.joined(separator: "   "),
        ]
    }

    private static let barWidth = 30
}
