import FleetCore
import PostgresClient

/// One look at a retry of a batch: notes what has become of the tasks that were begun, and begins those that are due.
struct BatchRetryRound {
    private let session: PostgresSession
    private let taken: TakenOperation
    private var id: PostgresValue { .text(taken.id) }

    /// Locks the operation; nil if it is not running, or somebody else has it.
    init?(id: String, session: PostgresSession) throws {
        guard let taken = try TakenOperation(id: id, session: session) else { return nil }
        self.taken = taken
        self.session = session
    }

    /// - Returns: how many tasks were begun.
    func run() throws -> Int {
        _ = try session.execute(Statements.noteResults, [id])
        return try taken.carryOn(canary: canary, begin: begin)
    }

    private func canary() throws -> CanaryVerdict {
        try session.execute(Statements.canary, [id]).one { row in
            CanaryVerdict(
                done: try row("done"), failed: (try row("failed") as String?).map { "task get \($0)" },
                begun: try row("begun"))
        }
    }

    private func begin(_ room: Int) throws -> Int {
        let ids: [String] = try session.execute(Statements.queued, [id, .int8(room)]).column()
        guard !ids.isEmpty else { return 0 }
        let tasks = try taken.tasks(ids)
        var (retries, begun, waiting): ([String], [String], [String]) = ([], [], [])
        var skipped: [(id: String, why: String)] = []
        for task in ids {
            switch ReplayStep(status: tasks[task]?.status, isRetryRequested: tasks[task]?.isRequested == true) {
            case .retry:
                retries.append(task)
                begun.append(task)
            case .join: begun.append(task)
            case .wait: waiting.append(task)
            case .skip(let why): skipped.append((task, why))
            }
        }
        try taken.retry(retries)
        if !begun.isEmpty { _ = try session.execute(Statements.noteBegun, [id, .textArray(begun)]) }
        if !waiting.isEmpty { _ = try session.execute(Statements.noteWaiting, [id, .textArray(waiting)]) }
        if !skipped.isEmpty {
            _ = try session.execute(
                Statements.noteSkipped, [id, .textArray(skipped.map(\.id)), .textArray(skipped.map(\.why))])
        }
        return begun.count
    }

    private enum Statements {
        /// A task is done if nothing of it is missing any more; while the retry is asked for or under way it is at work.
        static let noteResults = PostgresStatement(
            "batch_retry_results",
            """
            WITH begun AS MATERIALIZED (
                SELECT k.task_id, t.status FROM operation_tasks k LEFT JOIN tasks t ON t.task_id = k.task_id
                WHERE k.operation_id = $1 AND k.state = 'begun'
                    AND coalesce(\(BatchStatements.hasEnded) AND NOT t.retry_requested, TRUE))
            UPDATE operation_tasks k SET
                state = CASE b.status WHEN 'completed' THEN 'done' WHEN 'failed' THEN 'failed'
                                      WHEN 'partial_completion' THEN 'failed' ELSE 'skipped' END,
                note = CASE b.status WHEN 'completed' THEN NULL WHEN 'failed' THEN 'it failed again'
                                     WHEN 'partial_completion' THEN 'parts are missing still'
                                     WHEN 'cancelled' THEN 'it was cancelled meanwhile' ELSE 'it is gone' END
            FROM begun b WHERE k.operation_id = $1 AND k.task_id = b.task_id
            """)

        static let canary = PostgresStatement(
            "batch_retry_canary",
            """
            SELECT count(*) FILTER (WHERE state = 'done') AS done, min(task_id) FILTER (WHERE state = 'failed') AS failed,
                   count(*) FILTER (WHERE state = 'begun') AS begun
            FROM operation_tasks WHERE operation_id = $1
            """)

        static let queued = PostgresStatement(
            "batch_retry_queued",
            """
            SELECT task_id FROM operation_tasks
            WHERE operation_id = $1 AND state = 'queued' AND coalesce(due_at, '-infinity') <= now()
            ORDER BY task_id LIMIT $2
            """)

        static let noteBegun = PostgresStatement(
            "batch_retry_note_begun",
            """
            UPDATE operation_tasks SET state = 'begun', begun_at = clock_timestamp()
            WHERE operation_id = $1 AND task_id = ANY($2)
            """)

        static let noteWaiting = PostgresStatement(
            "batch_retry_note_waiting",
            """
            UPDATE operation_tasks SET due_at = now() + interval '5 seconds', note = 'it is still at work'
            WHERE operation_id = $1 AND task_id = ANY($2)
            """)

        static let noteSkipped = PostgresStatement(
            "batch_retry_note_skipped",
            """
            UPDATE operation_tasks k SET state = 'skipped', note = v.why
            FROM unnest($2::text[], $3::text[]) AS v (task_id, why)
            WHERE k.operation_id = $1 AND k.task_id = v.task_id
            """)
    }
}
