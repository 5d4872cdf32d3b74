import FleetCore
import JSON

/// A row of `event_log`.
extension EventBatch {
    static let insert = TableStatement<EventBatch>(
        "insert_event_log",
        [
            .text("task_id", \.taskID), .int8("first_seq", \.firstSequence), .int4("events", \.events.count),
            .text("body", \.body),
        ]
    ) { v in
        "INSERT INTO event_log (\(v.names)) SELECT * FROM \(v)"
    }

    /// A JSON array. What follows from the row itself is left out: task, numbers and time.
    private var body: String {
        JSONValue.array(
            events.map { event in
                var entry = JSONObject()
                entry["type"] = .string(event.type)
                for member in event.fields.members { entry[member.key] = member.value }
                if let interaction = event.interaction {
                    var shown = JSONObject()
                    shown["type"] = .string(interaction.type)
                    if interaction.metadata != [:] { shown["metadata"] = interaction.metadata }
                    entry["interaction"] = .object(shown)
                }
                return .object(entry)
            }
        ).serialized()
    }
}
