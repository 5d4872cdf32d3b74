public import FleetCore
import PostgresClient

/// What the owner of a task asks of it: each locks the task's row, looks at its status and writes.
extension PostgresTaskRepository {
    /// Throws `conflict` unless the task is completed, partially completed or failed, and no retry is about to begin.
    public func revise(_ taskID: String, owner: String?, _ request: RevisionRequest) async throws -> TaskChange {
        let expected = try await expectedDuration()
        let revisionID = RandomID.make("rev_")
        return try await change(taskID, owner) { task, session in
            guard task.status.isFinished else {
                throw Self.conflict("only completed, partially completed and failed tasks can be revised", task)
            }
            guard !task.isRetryRequested else {
                throw TaskRepositoryError(
                    .conflict, "a retry of this task is about to begin; it can be revised when that has ended")
            }
            let event = task.statusUpdate(.revisionPending)
            let rows = try session.pipeline([
                (
                    ChangeStatements.insertRevision,
                    [
                        .text(revisionID), .text(taskID), .text(request.request),
                        .jsonb(JSONValue.strings(request.areas).serialized()), .text(request.priority.rawValue),
                        Self.optional(request.scope?.rawValue),
                    ]
                ),
                (
                    ChangeStatements.markRevisionPending,
                    [.text(taskID), .int8(event.sequence), .float8(expected.inSeconds)]
                ),
                Self.insertion(of: event, taskID), (ChangeStatements.wake, [.text(taskID)]),
            ])
            return TaskChange(
                taskID: taskID, status: .revisionPending, revisionID: revisionID,
                estimatedCompletion: try rows[1].timestamptz(0, 0), events: [event])
        }
    }

    /// Only notes the wish: the scheduler changes the status and writes the events. Throws `conflict` unless the task
    /// is partially completed or failed.
    public func retry(_ taskID: String, owner: String?) async throws -> TaskChange {
        let expected = try await expectedDuration()
        return try await change(taskID, owner) { task, session in
            guard task.status == .partialCompletion || task.status == .failed else {
                throw Self.conflict("only partially completed and failed tasks can be retried", task)
            }
            let rows = try session.pipeline([
                (ChangeStatements.requestRetry, [.text(taskID), .float8(expected.inSeconds)]),
                (ChangeStatements.wake, [.text(taskID)]),
            ])
            return TaskChange(
                taskID: taskID, status: task.status, estimatedCompletion: try rows[0].timestamptz(0, 0))
        }
    }

    /// Raises the cancel epoch and ends open steps, except running ones: their workers settle those. Throws `conflict`
    /// if the task has ended otherwise.
    public func cancel(_ taskID: String, owner: String?) async throws -> TaskChange {
        try await change(taskID, owner) { task, session in
            if task.status == .cancelled { return TaskChange(taskID: taskID, status: .cancelled) }
            guard !task.status.isTerminal else {
                throw Self.conflict("only unfinished tasks can be cancelled", task)
            }
            let event = task.statusUpdate(.cancelled)
            _ = try session.pipeline([
                (ChangeStatements.cancelTask, [.text(taskID), .int8(event.sequence)]),
                (ChangeStatements.cancelSteps, [.text(taskID)]), (ChangeStatements.cancelRevisions, [.text(taskID)]),
                Self.insertion(of: event, taskID),
            ])
            return TaskChange(taskID: taskID, status: .cancelled, events: [event])
        }
    }

    /// Locks the task's row and lets `body` look and write.
    private func change(
        _ taskID: String, _ owner: String?,
        _ body: @escaping @Sendable (LockedTask, PostgresSession) throws -> TaskChange
    ) async throws -> TaskChange {
        try await run { pool in
            try await pool.transaction { session in
                let rows = try session.execute(ChangeStatements.lock, [.text(taskID), Self.optional(owner)])
                guard rows.count == 1 else { throw Self.notFound(taskID) }
                let task = LockedTask(
                    id: taskID, status: try TaskRowReader.known(rows.text(0, 0), "status"),
                    progress: try rows.int(0, 1), eventSequence: try rows.int(0, 2), now: try rows.timestamptz(0, 3),
                    isRetryRequested: try rows.bool(0, 4))
                return try body(task, session)
            }
        }
    }

    private static func insertion(
        of event: StoredEvent, _ taskID: String
    ) -> (PostgresStatement, [PostgresValue]) {
        (ChangeStatements.insertEvent, [.text(taskID), .int8(event.sequence), .jsonb(event.payload)])
    }

    private static func conflict(_ rule: String, _ task: LockedTask) -> TaskRepositoryError {
        TaskRepositoryError(.conflict, "\(rule); this one is \(task.status.rawValue)")
    }
}

/// A task whose row this transaction holds.
private struct LockedTask: Sendable {
    var id: String
    var status: TaskStatus
    var progress: Int
    var eventSequence: Int
    var now: Int
    /// By its owner, and no scheduler has looked yet.
    var isRetryRequested: Bool

    /// The next event of its stream.
    func statusUpdate(_ status: TaskStatus) -> StoredEvent {
        let payload: JSONValue = [
            "type": "task_status_update", "task_id": .string(id), "seq": .integer(eventSequence + 1),
            "timestamp": .string(Timestamp.iso8601(microseconds: now)), "status": .string(status.rawValue),
            "progress": .integer(progress),
        ]
        return StoredEvent(sequence: eventSequence + 1, payload: payload.serialized())
    }
}

extension TaskStatus {
    /// There may be something to revise.
    fileprivate var isFinished: Bool { isTerminal && self != .cancelled }
}

extension PostgresTaskRepository {
    enum ChangeStatements {
        /// Not FOR UPDATE: rows that refer to the task are written by workers at the same time, and their foreign
        /// keys need the task's key to stay, no more.
        static let lock = PostgresStatement(
            "change_lock",
            """
            SELECT status, progress, event_seq, now(), retry_requested FROM tasks
            WHERE task_id = $1 AND ($2::text IS NULL OR user_id = $2) FOR NO KEY UPDATE
            """)

        static let insertRevision = PostgresStatement(
            "change_insert_revision",
            """
            INSERT INTO revisions (revision_id, task_id, revision_request, specific_areas, priority, scope)
            VALUES ($1, $2, $3, $4, $5, $6::text)
            """)

        static let markRevisionPending = PostgresStatement(
            "change_revision_pending",
            """
            UPDATE tasks SET status = 'revision_pending', event_seq = $2, updated_at = now(),
                estimated_completion = now() + make_interval(secs => $3)
            WHERE task_id = $1 RETURNING estimated_completion
            """)

        static let requestRetry = PostgresStatement(
            "change_request_retry",
            """
            UPDATE tasks SET retry_requested = TRUE, updated_at = now(),
                estimated_completion = now() + make_interval(secs => $2)
            WHERE task_id = $1 RETURNING estimated_completion
            """)

        /// The epoch tells workers in the middle of a call.
        static let cancelTask = PostgresStatement(
            "change_cancel_task",
            """
            UPDATE tasks SET status = 'cancelled', workflow_state = 'cancelled', current_stage = 'cancelled',
                cancel_epoch = cancel_epoch + 1, current_step_id = NULL, active_revision_id = NULL,
                retry_requested = FALSE, event_seq = $2, updated_at = now(), completed_at = now()
            WHERE task_id = $1
            """)

        /// Running steps are left to their workers, who settle them with what they have cost.
        static let cancelSteps = PostgresStatement(
            "change_cancel_steps",
            """
            UPDATE steps SET state = 'cancelled', finished_at = now(), wait_reason = NULL, not_before = NULL
            WHERE step_id IN (
                SELECT step_id FROM steps WHERE task_id = $1 AND state IN ('ready', 'dispatched', 'parked')
                ORDER BY step_id FOR UPDATE)
                AND state IN ('ready', 'dispatched', 'parked')
            """)

        static let cancelRevisions = PostgresStatement(
            "change_cancel_revisions",
            """
            UPDATE revisions SET status = 'cancelled', completed_at = now()
            WHERE task_id = $1 AND completed_at IS NULL
            """)

        static let insertEvent = PostgresStatement(
            "change_insert_event",
            "INSERT INTO events (task_id, seq, type, payload) VALUES ($1, $2, 'task_status_update', $3)")

        static let wake = PostgresStatement("change_wake", "INSERT INTO task_wakeups (task_id) VALUES ($1)")
    }
}
