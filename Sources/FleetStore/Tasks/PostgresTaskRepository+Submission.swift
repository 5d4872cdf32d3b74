import FleetCore
import JSON
import PostgresClient

/// Writes a number of new tasks.
struct SubmissionWriter: Sendable {
    private typealias Statements = PostgresTaskRepository.SubmissionStatements

    private let tasks: [NewTask]
    private let batches: [Batch]
    private let expectedDuration: Duration

    /// A batch that some of the tasks belong to.
    struct Batch: Sendable {
        /// Its own, if it is new.
        let id = RandomID.make("batch_")
        let userID: String
        let name: String
    }

    init(_ tasks: [NewTask], expectedDuration: Duration) {
        self.tasks = tasks
        self.expectedDuration = expectedDuration
        // By bytes, as PostgreSQL compares: Swift takes two forms of the same letters for equal.
        var seen: Set<[[UInt8]]> = []
        batches = tasks.compactMap { task in
            guard let name = task.submission.batch, seen.insert([Array(task.userID.utf8), Array(name.utf8)]).inserted
            else { return nil }
            return Batch(userID: task.userID, name: name)
        }
    }

    private var ids: [String] { tasks.map(\.id) }

    /// Writes everything; inside a transaction.
    func write(_ session: PostgresSession) throws -> [SubmittedTask] {
        let results = try session.pipeline(
            (batches.isEmpty ? [] : [Statements.insertBatches(batches)]) + [
                Statements.insertTasks(tasks, .float8(expectedDuration.inSeconds)),
                (Statements.insertEvents, [.textArray(ids)]),
            ])
        return try inOrder(results[results.count - 2])
    }

    /// Reads what an earlier write left.
    func read(_ session: PostgresSession) throws -> [SubmittedTask] {
        try inOrder(try session.execute(Statements.readTasks, [.textArray(ids)]))
    }

    private func inOrder(_ rows: PostgresRows) throws -> [SubmittedTask] {
        let byID: [String: SubmittedTask] = try rows.dictionary { row in
            let task = SubmittedTask(
                id: try row("task_id"), createdAt: try row.time("created_at"),
                estimatedCompletion: try row.time("estimated_completion"))
            return (task.id, task)
        }
        return try ids.map { id in
            guard let task = byID[id] else { throw StoreError(.unreadableRow, "a task was not written") }
            return task
        }
    }
}

extension PostgresTaskRepository {
    enum SubmissionStatements {
        /// In order, so that two transactions never wait for one another.
        static let insertBatches = TableStatement<SubmissionWriter.Batch>(
            "submit_batches", [.text("batch_id", \.id), .text("user_id", \.userID), .text("name", \.name)]
        ) { v in
            """
            INSERT INTO batches (\(v.names))
            SELECT * FROM \(v)
            ORDER BY user_id, name
            ON CONFLICT (user_id, name) DO NOTHING
            """
        }

        /// The tasks of a flow get its next tags, in the order of their submission; see ``FairFlowSQL``.
        static let insertTasks = TableStatement<NewTask>(
            "submit_tasks",
            [
                .text("task_id", \.id), .text("user_id", \.userID), .text("title", \.submission.title),
                .text("description", \.submission.description), .text("priority", \.submission.priority.rawValue),
                .jsonb("context") { $0.submission.context?.serialized() }, .text("batch", \.submission.batch),
            ]
        ) { v in
            """
            WITH v AS MATERIALIZED (
                SELECT v.*, b.batch_id, \(FairFlowSQL.flow(user: "v.user_id", batch: "b.batch_id")) AS flow,
                       \(FairFlowSQL.rank(of: "v.priority")) AS rank
                FROM \(v.arrays) WITH ORDINALITY AS v (\(v.names), position)
                LEFT JOIN batches b ON b.user_id = v.user_id AND b.name = v.batch),
            flows AS (
                \(FairFlowSQL.moveOn("SELECT rank, flow, count(*) AS arrivals FROM v GROUP BY rank, flow"))),
            numbered AS (
                SELECT v.*, row_number() OVER (PARTITION BY rank, flow ORDER BY position DESC) - 1 AS behind FROM v)
            INSERT INTO tasks (task_id, user_id, title, description, priority, context, batch_id, estimated_completion,
                               fair_tag, event_seq)
            SELECT n.task_id, n.user_id, n.title, n.description, n.priority, n.context, n.batch_id,
                   now() + make_interval(secs => \(v.parameter())), f.last_tag - n.behind, 1
            FROM numbered n JOIN flows f ON f.priority = n.rank AND f.flow = n.flow
            ORDER BY n.position
            RETURNING task_id, created_at, estimated_completion
            """
        }

        static let insertEvents = PostgresStatement(
            "submit_events",
            """
            INSERT INTO events (task_id, seq, type, payload)
            SELECT v.task_id, 1, 'task_status_update', jsonb_build_object(
                'type', 'task_status_update', 'task_id', v.task_id, 'seq', 1, 'status', 'pending', 'progress', 0,
                'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
            FROM unnest($1::text[]) AS v (task_id)
            """)

        static let readTasks = PostgresStatement(
            "submit_read",
            "SELECT task_id, created_at, estimated_completion FROM tasks WHERE task_id = ANY($1)")
    }
}
