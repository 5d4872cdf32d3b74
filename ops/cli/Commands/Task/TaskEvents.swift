import FleetCore
import JSON

/// A task's stream of events, page by page.
struct TaskEvents {
    private let api: GatewayAPI
    private let id: TaskID
    private var after: Int

    init(api: GatewayAPI, id: TaskID, after: Int) {
        self.api = api
        self.id = id
        self.after = after
    }

    /// The next events; none if there are no more for now.
    mutating func next(patience: Duration = .zero) async throws -> [JSONValue] {
        let page = try await api.get(id.path("/events"), query: [("after", "\(after)")], patience: patience)
        after = page["next_after"]?.int ?? after
        return page["events"]?.array ?? []
    }

    static func line(_ event: JSONValue, style: TextStyle) -> String {
        let shown: Set<String> = ["seq", "timestamp", "type", "task_id", "agent_id", "agent_type"]
        let time = PlainText.time(event["timestamp"]?.string)
        let agent = event["agent_type"]?.string.map { " \($0)" } ?? ""
        let details = (event.object?.members ?? []).filter { !shown.contains($0.key) && !$0.value.isNull }.map {
            "\($0.key)=\($0.value.string ?? $0.value.serialized())"
        }
        return style.paint(time, .dim) + "  "
            + PlainText.line("\(event["type"]?.string ?? "event")\(agent)  \(details.joined(separator: " "))")
    }
}
