import JSON

/// The wake-up message for one step: which step to look at. The payload stays in PostgreSQL.
package struct Ticket: Sendable, Equatable {
    /// Of the row in `steps`: all that a claim needs.
    package var stepID: Int
    /// For people who look at the queue.
    package var taskID: String
    /// For people who look at the queue; nil for a step of the task as a whole.
    package var subtaskID: String?
    /// Chooses the queue: `agent.<type>`.
    package var agentType: String
    /// Attempts made so far; only informative, the claim decides.
    package var attempt: Int
    /// The task's; becomes the message's priority and is not in the body.
    package var priority: Priority
    /// The message's `traceparent`, for whoever records traces; nil: nobody does. Not in the body.
    package var traceparent: String?

    /// Made of a step's row at dispatch.
    package init(
        stepID: Int, taskID: String, subtaskID: String?, agentType: String, attempt: Int, priority: Priority
    ) {
        self.stepID = stepID
        self.taskID = taskID
        self.subtaskID = subtaskID
        self.agentType = agentType
        self.attempt = attempt
        self.priority = priority
    }

    /// The message body.
    package var json: String {
        let value: JSONValue = [
            "step_id": .integer(stepID), "task_id": .string(taskID),
            "subtask_id": subtaskID.map { .string($0) } ?? .null, "agent_type": .string(agentType),
            "attempt": .integer(attempt),
        ]
        return value.serialized()
    }

    /// Reads a message body; nil if it names no step. Other members are not needed to claim it.
    package static func stepID(in body: [UInt8]) -> Int? {
        (try? JSONValue(parsing: body))?["step_id"]?.int
    }
}
