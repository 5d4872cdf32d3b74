import FleetCore
import JSON

extension TaskEvent {
    /// The event as it is stored and announced: what all events have, then its own members.
    ///
    /// - Parameter timestamp: ISO 8601, the transaction's.
    func payload(taskID: String, sequence: Int, timestamp: String) -> String {
        var payload = JSONObject()
        payload["type"] = .string(type)
        payload["task_id"] = .string(taskID)
        payload["seq"] = .integer(sequence)
        payload["timestamp"] = .string(timestamp)
        for member in fields.members { payload[member.key] = member.value }
        return JSONValue.object(payload).serialized()
    }
}
