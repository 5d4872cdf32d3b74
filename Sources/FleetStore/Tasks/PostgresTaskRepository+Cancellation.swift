package import FleetCore
import PostgresClient

/// Cancelling: a task that has never been finished ends; of a finished one only what was asked for afterwards ends.
///
/// Locks the task, then steps, then subtasks: the order of claims and advances.
extension PostgresTaskRepository {
    /// Raises the cancel epoch and ends open steps, except running ones: their workers settle those. Throws `conflict`
    /// if nothing is left to be cancelled.
    package func cancel(_ taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskChange {
        try await change(taskID, owner) { try Self.cancel($0, $1, why: nil) }
    }

    /// - Parameter why: kept with a task that it ends.
    private static func cancel(
        _ task: LockedTask, _ session: PostgresSession, why: String?
    ) throws -> TaskChange {
        if task.status == .cancelled { return TaskChange(taskID: task.id, status: .cancelled, cancelled: .task) }
        if task.status.isTerminal {
            guard task.isRetryRequested else { throw conflict("only unfinished tasks can be cancelled", task) }
            _ = try session.execute(CancelStatements.withdrawRetry, [.text(task.id)])
            return TaskChange(taskID: task.id, status: task.status, cancelled: .retry)
        }
        guard let checkpoint = task.checkpoint else { return try end(task, session, why: why) }
        return try restore(task, to: checkpoint, session)
    }

    /// Cancels those of several tasks that can be, inside a transaction. Returns how many.
    static func cancelAll(_ ids: [String], _ action: OperatorAction, _ session: PostgresSession) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let tasks = try session.execute(CancelStatements.lockAll, [.textArray(ids)]).map { row in
            try LockedTask(id: try row("task_id"), &row)
        }.filter { !$0.status.isTerminal || $0.isRetryRequested }
        for task in tasks { _ = try cancel(task, session, why: "by \(action.actor), with its batch: \(action.reason)") }
        return tasks.count
    }

    /// Ends a task and everything of it.
    private static func end(
        _ task: LockedTask, _ session: PostgresSession, why: String?
    ) throws -> TaskChange {
        let events = task.batch([
            .transition(from: task.state, to: .cancelled), .status(.cancelled, progress: task.progress),
        ])
        let id = PostgresValue.text(task.id)
        _ = try session.pipeline([
            (CancelStatements.endTask, [id, .int8(events.lastSequence), optional(why)]),
            (CancelStatements.endSteps, [id]), (CancelStatements.endSubtasks, [id]),
            (CancelStatements.endRevisions, [id]), EventBatch.insert([events]),
        ])
        return TaskChange(
            taskID: task.id, status: .cancelled, cancelled: .task, endedTaskOf: task.createdAt, events: events.stored)
    }

    /// Ends a revision or a retry: the task is again what it was when that was asked for, and so is its answer.
    private static func restore(
        _ task: LockedTask, to checkpoint: TaskCheckpoint, _ session: PostgresSession
    ) throws -> TaskChange {
        var changes: [TaskEvent] = []
        // Before a revision begins the workflow has not moved.
        if task.state != checkpoint.state { changes.append(.transition(from: task.state, to: checkpoint.state)) }
        changes.append(.status(checkpoint.status, progress: checkpoint.progress))
        let events = task.batch(changes)
        let id = PostgresValue.text(task.id)
        let results = try session.pipeline([
            (CancelStatements.endRevisions, [id]), (CancelStatements.endSteps, [id]),
            (CancelStatements.endLaterSubtasks, [id]), (CancelStatements.restoreSubtasks, [id]),
            (CancelStatements.restoreTask, [id, .int8(events.lastSequence)]),
            EventBatch.insert([events]),
        ])
        let revisionID = try (results[0].column() as [String]).first
        return TaskChange(
            taskID: task.id, status: checkpoint.status, revisionID: revisionID,
            cancelled: revisionID == nil ? .retry : .revision, events: events.stored)
    }

    enum CancelStatements {
        /// In order, as everything that locks several tasks.
        static let lockAll = PostgresStatement(
            "cancel_lock_all",
            """
            SELECT task_id, \(ChangeStatements.lockedColumns) FROM tasks WHERE task_id = ANY($1)
            ORDER BY task_id FOR NO KEY UPDATE
            """)

        /// The epoch tells workers in the middle of a call. The stage stays: the specification has none for the end of
        /// what was not completed.
        static let endTask = PostgresStatement(
            "cancel_task",
            """
            UPDATE tasks SET status = 'cancelled', workflow_state = 'cancelled', cancel_epoch = cancel_epoch + 1, failure = $3::text,
                current_step_id = NULL, active_revision_id = NULL, retry_requested = FALSE, preferred_model = NULL, event_seq = $2,
                updated_at = now(), completed_at = now()
            WHERE task_id = $1
            """)

        /// Running steps are left to their workers, who settle them with what they have cost.
        static let endSteps = PostgresStatement(
            "cancel_steps",
            """
            UPDATE steps SET state = 'cancelled', finished_at = now(), wait_reason = NULL, not_before = NULL
            WHERE step_id IN (
                SELECT step_id FROM steps WHERE task_id = $1 AND state IN ('ready', 'dispatched', 'parked')
                ORDER BY step_id FOR UPDATE)
                AND state IN ('ready', 'dispatched', 'parked')
            """)

        static let endSubtasks = PostgresStatement(
            "cancel_subtasks",
            """
            UPDATE subtasks SET status = 'cancelled', current_step_id = NULL, updated_at = now(), completed_at = now()
            WHERE task_id = $1 AND status NOT IN ('completed', 'failed', 'cancelled')
            """)

        /// Of the plan that a revision has made.
        static let endLaterSubtasks = PostgresStatement(
            "cancel_later_subtasks",
            """
            UPDATE subtasks s SET status = 'cancelled', current_step_id = NULL, updated_at = now(), completed_at = now()
            FROM tasks t
            WHERE t.task_id = $1 AND s.task_id = $1 AND s.plan_number > (t.checkpoint ->> 'plan_number')::int4
                AND s.status NOT IN ('completed', 'failed', 'cancelled')
            """)

        static let restoreSubtasks = PostgresStatement(
            "cancel_restore_subtasks",
            """
            UPDATE subtasks s SET current_step_id = NULL, updated_at = now(), \(TaskCheckpoint.restoredSubtask)
            FROM tasks t CROSS JOIN LATERAL \(TaskCheckpoint.savedSubtasks) c
            WHERE t.task_id = $1 AND s.subtask_id = c.subtask_id
            """)

        static let restoreTask = PostgresStatement(
            "cancel_restore_task",
            """
            UPDATE tasks t SET \(TaskCheckpoint.restoredTask), checkpoint = NULL, cancel_epoch = cancel_epoch + 1,
                current_step_id = NULL, active_revision_id = NULL, retry_requested = FALSE, preferred_model = NULL, event_seq = $2,
                updated_at = now()
            WHERE task_id = $1
            """)

        static let endRevisions = PostgresStatement(
            "cancel_revisions",
            """
            UPDATE revisions SET status = 'cancelled', completed_at = now()
            WHERE task_id = $1 AND completed_at IS NULL RETURNING revision_id
            """)

        /// No scheduler has taken it up: nothing else has changed.
        static let withdrawRetry = PostgresStatement(
            "cancel_withdraw_retry",
            """
            UPDATE tasks SET retry_requested = FALSE, preferred_model = NULL, checkpoint = NULL, updated_at = now(),
                estimated_completion = coalesce((checkpoint ->> 'estimated_completion')::timestamptz, estimated_completion)
            WHERE task_id = $1
            """)
    }
}
