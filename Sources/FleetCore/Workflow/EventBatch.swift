import JSON
import UTC

/// What one change of a task adds to its stream.
package struct EventBatch: Sendable {
    package let taskID: String
    /// Number of the first of them.
    package let firstSequence: Int
    /// When they were written, in microseconds since 1970-01-01 UTC.
    package let time: Int
    /// In order; a batch without any is not written.
    package let events: [TaskEvent]

    /// - Parameter sequence: number of the last event before them.
    package init(taskID: String, after sequence: Int, time: Int, events: [TaskEvent]) {
        self.taskID = taskID
        self.firstSequence = sequence + 1
        self.time = time
        self.events = events
    }

    /// Number of the last of them; the one before them, if there are none.
    package var lastSequence: Int { firstSequence + events.count - 1 }

    /// Each as its readers get it: what all events have, then its own members.
    package var stored: [StoredTaskEvent] {
        let timestamp = Timestamp.iso8601(microseconds: time)
        return events.enumerated().map { offset, event in
            let sequence = firstSequence + offset
            var payload = JSONObject()
            payload["type"] = .string(event.type)
            payload["task_id"] = .string(taskID)
            payload["seq"] = .integer(sequence)
            payload["timestamp"] = .string(timestamp)
            for member in event.fields.members { payload[member.key] = member.value }
            return StoredTaskEvent(sequence: sequence, payload: JSONValue.object(payload).serialized())
        }
    }
}
