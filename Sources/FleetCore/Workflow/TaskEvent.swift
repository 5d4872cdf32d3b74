package import JSON

/// An event of a task's stream; the store gives it its sequence number and time.
package struct TaskEvent: Sendable, Equatable {
    /// One of the specification's event types.
    package var type: String
    /// Its members besides `type`, `task_id`, `seq` and `timestamp`.
    package var fields: JSONObject
    /// Nil: nobody did anything, something followed. Stored, not announced.
    package var interaction: Interaction?

    /// Takes the members in the order in which they are sent; of equal names the last one wins.
    package init(_ type: String, _ fields: [(String, JSONValue)] = [], interaction: Interaction? = nil) {
        self.type = type
        self.fields = JSONObject()
        self.interaction = interaction
        for (key, value) in fields { self.fields[key] = value }
    }

    /// A task goes from one state of its workflow to another.
    package static func transition(from: WorkflowState, to: WorkflowState) -> TaskEvent {
        TaskEvent(
            "stage_transition",
            [("from_stage", .string(from.nameInEvents)), ("to_stage", .string(to.nameInEvents))])
    }

    /// A task's owner sees something new.
    package static func status(_ status: TaskStatus, progress: Int) -> TaskEvent {
        TaskEvent("task_status_update", [("status", .string(status.rawValue)), ("progress", .integer(progress))])
    }
}
