package import FleetCore
import JSON
import PostgresClient

/// What the owner of a task asks of it: each locks the task's row, looks at its status and writes.
extension PostgresTaskRepository {
    /// Throws `conflict` unless the task is completed, partially completed or failed, and no retry is about to begin.
    package func revise(_ taskID: String, owner: String?, _ request: RevisionRequest) async throws(TaskRepositoryError)
        -> TaskChange
    {
        let expected = try await expectedDuration()
        let revisionID = RandomID.make("rev_")
        return try await change(taskID, owner) { task, session in
            guard task.status.isFinished else {
                throw Self.conflict("only completed, partially completed and failed tasks can be revised", task)
            }
            guard !task.isRetryRequested else {
                throw TaskRepositoryError.conflict(
                    "a retry of this task is about to begin; it can be revised when that has ended")
            }
            let events = task.batch([.status(.revisionPending, progress: task.progress)])
            let rows = try session.pipeline([
                (
                    ChangeStatements.insertRevision,
                    [
                        .text(revisionID), .text(taskID), .text(request.request),
                        .jsonb(JSONValue.strings(request.areas).serialized()),
                        Self.optional(request.priority?.rawValue), Self.optional(request.scope?.rawValue),
                    ]
                ),
                (
                    ChangeStatements.markRevisionPending,
                    [.text(taskID), .int8(events.lastSequence), .float8(expected.inSeconds)]
                ),
                EventBatch.insert([events]), (ChangeStatements.wake, [.text(taskID)]),
            ])
            return TaskChange(
                taskID: taskID, status: .revisionPending, revisionID: revisionID,
                estimatedCompletion: try rows[1].one { try $0.time("estimated_completion") }, events: events.stored)
        }
    }

    /// Only notes the wish: the scheduler changes the status and writes the events. Throws `conflict` unless the task
    /// is partially completed or failed.
    package func retry(_ taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskChange {
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
                taskID: taskID, status: task.status,
                estimatedCompletion: try rows[0].one { try $0.time("estimated_completion") })
        }
    }

    /// Locks the task's row and lets `body` look and write.
    func change(
        _ taskID: String, _ owner: String?,
        _ body: @escaping @Sendable (LockedTask, PostgresSession) throws -> TaskChange
    ) async throws(TaskRepositoryError) -> TaskChange {
        do {
            return try await pool.transaction { session in
                let rows = try session.execute(ChangeStatements.lock, [.text(taskID), Self.optional(owner)])
                guard let task = try rows.first({ try LockedTask(id: taskID, &$0) }) else {
                    throw Self.notFound(taskID)
                }
                return try body(task, session)
            }
        } catch {
            throw TaskRepositoryError(error)
        }
    }

    static func conflict(_ rule: String, _ task: LockedTask) -> TaskRepositoryError {
        .conflict("\(rule); this one is \(task.status.rawValue)")
    }
}

extension TaskStatus {
    /// There may be something to revise.
    fileprivate var isFinished: Bool { isTerminal && self != .cancelled }
}

extension PostgresTaskRepository {
    enum ChangeStatements {
        /// What a ``LockedTask`` is read from.
        static let lockedColumns = """
            status, progress, event_seq, now(), created_at, retry_requested, workflow_state,
            checkpoint IS NOT NULL AS has_checkpoint,
            checkpoint ->> 'status' AS earlier_status, checkpoint ->> 'workflow_state' AS earlier_state,
            (checkpoint ->> 'progress')::int4 AS earlier_progress
            """

        static let lock = PostgresStatement(
            "change_lock",
            """
            SELECT \(lockedColumns)
            FROM tasks WHERE task_id = $1 AND ($2::text IS NULL OR user_id = $2) FOR NO KEY UPDATE
            """)

        /// The revision gets the next tag of its flow in its priority, as a new task would.
        static let insertRevision = PostgresStatement(
            "change_insert_revision",
            """
            WITH t AS (
                SELECT \(FairFlowSQL.flow(user: "user_id", batch: "batch_id")) AS flow,
                       coalesce($5::text, priority) AS priority,
                       \(FairFlowSQL.rank(of: "coalesce($5::text, priority)")) AS rank
                FROM tasks WHERE task_id = $2),
            flow AS (
                \(FairFlowSQL.moveOn("SELECT rank, flow, 1 AS arrivals FROM t")))
            INSERT INTO revisions (revision_id, task_id, revision_request, specific_areas, priority, scope, fair_tag)
            SELECT $1, $2, $3, $4, t.priority, $6::text, flow.last_tag FROM t, flow
            """)

        /// Nothing is written of the task but what is asked for: it goes on being what it is until a scheduler begins.
        static let markRevisionPending = PostgresStatement(
            "change_revision_pending",
            """
            UPDATE tasks t SET status = 'revision_pending', event_seq = $2, updated_at = now(), completed_at = NULL,
                estimated_completion = now() + make_interval(secs => $3), checkpoint = \(TaskCheckpoint.taken)
            WHERE task_id = $1 RETURNING estimated_completion
            """)

        static let requestRetry = PostgresStatement(
            "change_request_retry",
            """
            UPDATE tasks t SET retry_requested = TRUE, updated_at = now(),
                estimated_completion = now() + make_interval(secs => $2), checkpoint = \(TaskCheckpoint.taken)
            WHERE task_id = $1 RETURNING estimated_completion
            """)

        static let wake = PostgresStatement("change_wake", "INSERT INTO task_wakeups (task_id) VALUES ($1)")
    }
}
