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
    /// By its owner, and no scheduler has looked yet.
    let isRetryRequested: Bool
    /// What it goes back to without the revision or the retry that is asked for or under way; nil if there is none.
    let checkpoint: TaskCheckpoint?

    /// Columns as in `PostgresTaskRepository.ChangeStatements.lock`.
    init(id: String, row rows: PostgresRows) throws {
        self.id = id
        status = try TaskRowReader.known(rows.text(0, 0), "status")
        progress = try rows.int(0, 1)
        eventSequence = try rows.int(0, 2)
        now = try rows.timestamptz(0, 3)
        isRetryRequested = try rows.bool(0, 4)
        state = try TaskRowReader.known(rows.text(0, 5), "workflow_state")
        if let status = try rows.optionalText(0, 6), let state = try rows.optionalText(0, 7) {
            checkpoint = TaskCheckpoint(
                status: try TaskRowReader.known(status, "status"),
                state: try TaskRowReader.known(state, "workflow_state"), progress: try rows.int(0, 8))
        } else {
            checkpoint = nil
        }
    }

    /// The next events of its stream.
    func events(_ events: [FleetEvent]) -> [StoredEvent] {
        let timestamp = Timestamp.iso8601(microseconds: now)
        return events.enumerated().map { offset, event in
            let sequence = eventSequence + offset + 1
            return StoredEvent(
                sequence: sequence, payload: event.payload(taskID: id, sequence: sequence, timestamp: timestamp))
        }
    }
}
