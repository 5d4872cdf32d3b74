import FleetCore
import PostgresClient

/// A task whose row this transaction holds, as its owner's wish finds it.
struct LockedTask: Sendable {
    let id: String
    let status: TaskStatus
    let state: WorkflowState
    let progress: Int
    /// Number of its last event.
    let eventSequence: Int
    /// The transaction's time in microseconds since 1970.
    let now: Int
    /// In microseconds since 1970.
    let createdAt: Int
    /// By its owner, and no scheduler has looked yet.
    let isRetryRequested: Bool
    /// What it goes back to without the revision or the retry that is asked for or under way; nil if there is none.
    let checkpoint: TaskCheckpoint?

    init(id: String, _ row: inout PostgresRow) throws {
        self.id = id
        status = try row.known("status")
        progress = try row("progress")
        eventSequence = try row("event_seq")
        now = try row.time("now")
        createdAt = try row.time("created_at")
        isRetryRequested = try row("retry_requested")
        state = try row.known("workflow_state")
        if try row("has_checkpoint") {
            checkpoint = TaskCheckpoint(
                status: try row.known("earlier_status"), state: try row.known("earlier_state"),
                progress: try row("earlier_progress"))
        } else {
            checkpoint = nil
            row.skipRest()
        }
    }

    /// The next events of its stream.
    func batch(_ events: [TaskEvent]) -> EventBatch {
        EventBatch(taskID: id, after: eventSequence, time: now, events: events)
    }
}
