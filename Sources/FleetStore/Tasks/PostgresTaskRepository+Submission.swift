import FleetCore
import JSON
import PostgresClient
import UTC

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
        /// What the ids of its tasks begin with, if it is new: whoever hands them in later makes the same ones.
        let taskPrefix = TimedID.start("task_", at: Timestamp.now)
        let userID: String
        let name: String
        let options: BatchOptions
        /// They were named, and must not be others than those of a batch that is there.
        let areGiven: Bool
    }

    init(_ tasks: [NewTask], expectedDuration: Duration) {
        self.tasks = tasks
        self.expectedDuration = expectedDuration
        // By bytes, as PostgreSQL compares: Swift takes two forms of the same letters for equal.
        var seen: Set<[[UInt8]]> = []
        batches = tasks.compactMap { task in
            guard let name = task.submission.batch, seen.insert([Array(task.userID.utf8), Array(name.utf8)]).inserted
            else { return nil }
            return Batch(
                userID: task.userID, name: name, options: task.batchOptions ?? BatchOptions(),
                areGiven: task.batchOptions != nil)
        }
    }

    private var ids: [String] { tasks.map(\.id) }

    /// Writes everything that is not there yet; inside a transaction.
    func write(_ session: PostgresSession) throws -> [SubmittedTask] {
        guard tasks.contains(where: { $0.key != nil }) else { return try writeNew(session) }
        let tasks = try named(session)
        let duration = PostgresValue.float8(expectedDuration.inSeconds)
        let rows = try session.pipeline([Statements.insertKeyedTasks(tasks, duration)])[0]
        try checkOptions(session)
        var written = try Self.byID(rows)
        let new = Set(written.keys)
        let missing = tasks.map(\.id).filter { written[$0] == nil }
        if !missing.isEmpty {
            // In a statement of its own: another transaction may have written them while this one waited for it.
            written.merge(try Self.byID(try session.execute(Statements.readTasks, [.textArray(missing)]))) { $1 }
        }
        var seen: Set<String> = []
        return try tasks.map { task in
            guard var found = written[task.id] else { throw StoreError(.unreadableRow, "a task was not written") }
            found.task.isReplayed = task.key != nil && (!new.contains(task.id) || !seen.insert(task.id).inserted)
            found.task.differs =
                task.contentKey != nil && found.contentKey != nil && task.contentKey != found.contentKey
            return found.task
        }
    }

    /// The tasks with the ids that their keys have in their batches, which are made if they are new.
    private func named(_ session: PostgresSession) throws -> [NewTask] {
        let results = try session.pipeline([
            Statements.insertBatches(batches),
            (Statements.readPrefixes, [.textArray(batches.map(\.userID)), .textArray(batches.map(\.name))]),
        ])
        // By bytes, as above.
        var prefixes: [[[UInt8]]: String?] = [:]
        try results[1].forEach { row in
            let batch = batches[try row("place") - 1]
            prefixes[[Array(batch.userID.utf8), Array(batch.name.utf8)]] = .some(try row("task_prefix"))
        }
        return try tasks.map { task in
            guard let key = task.key, let batch = task.submission.batch else { return task }
            guard let prefix = prefixes[[Array(task.userID.utf8), Array(batch.utf8)]] else {
                throw StoreError(.unreadableRow, "a batch was not written")
            }
            var task = task
            task.id = key.id(after: prefix)
            return task
        }
    }

    private static func byID(
        _ rows: PostgresRows
    ) throws -> [String: (task: SubmittedTask, contentKey: String?)] {
        try rows.dictionary { row in
            let task = SubmittedTask(
                id: try row("task_id"), createdAt: try row.time("created_at"),
                estimatedCompletion: try row.time("estimated_completion"))
            return (task.id, (task, try row("content_key")))
        }
    }

    /// What was said of a batch holds, or nothing is written.
    private func checkOptions(_ session: PostgresSession) throws {
        let given = batches.filter(\.areGiven)
        guard !given.isEmpty else { return }
        let rows = try session.execute(
            Statements.readOptions, [.textArray(given.map(\.userID)), .textArray(given.map(\.name))])
        let found: [(place: Int, options: BatchOptions)] = try rows.map { row in
            let place: Int = try row("place")
            let breaker = try BatchBreaker(&row)
            return (place: place, options: BatchOptions(breaker: breaker, pilot: try BatchPilot(&row)))
        }
        for (place, options) in found where !options.agrees(with: given[place - 1].options) {
            throw TaskRepositoryError.conflict(
                "the batch '\(given[place - 1].name.cut(to: 100))' is there already with another breaker or pilot; "
                    + "they are those that it was made with. mixmyai batch breaker sets its breaker")
        }
    }

    private func writeNew(_ session: PostgresSession) throws -> [SubmittedTask] {
        let results = try session.pipeline(
            (batches.isEmpty ? [] : [Statements.insertBatches(batches)]) + [
                Statements.insertTasks(tasks, .float8(expectedDuration.inSeconds)),
                (Statements.insertEvents, [.textArray(ids)]),
            ])
        try checkOptions(session)
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
            row.skipRest()
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
            "submit_batches",
            [
                .text("batch_id", \.id), .text("user_id", \.userID), .text("name", \.name),
                .text("task_prefix", \.taskPrefix),
                .float8("breaker_share", \.options.breaker?.share),
                .int4("breaker_minimum") { $0.options.breaker?.minimum ?? BatchBreaker().minimum },
                .int4("pilot_size", \.options.pilot?.size), .float8("pilot_score", \.options.pilot?.leastScore),
                .int8("pilot_cost", \.options.pilot?.mostCost?.millionths),
                .float8("pilot_failures", \.options.pilot?.mostFailures),
            ]
        ) { v in
            """
            WITH made AS (
                INSERT INTO batches (batch_id, user_id, name, task_prefix, breaker_share, breaker_minimum, pilot_size, pilot_state,
                                     pilot_score, pilot_cost_usd, pilot_failures)
                SELECT v.batch_id, v.user_id, v.name, v.task_prefix, v.breaker_share, v.breaker_minimum, v.pilot_size,
                       CASE WHEN v.pilot_size IS NOT NULL THEN 'gathering' END, v.pilot_score,
                       v.pilot_cost::numeric / 1000000, v.pilot_failures
                FROM \(v)
                ORDER BY user_id, name
                ON CONFLICT (user_id, name) DO NOTHING
                RETURNING batch_id, pilot_size)
            INSERT INTO holds (scope, subject, reason, actor)
            SELECT 'pilot', batch_id, 'its sample of ' || pilot_size || ' goes first', 'pilot' FROM made
            WHERE pilot_size IS NOT NULL
            """
        }

        /// What the ids of the tasks begin with in the batches of users `$1` with the names `$2`.
        static let readPrefixes = PostgresStatement(
            "submit_read_prefixes",
            """
            SELECT v.place, b.task_prefix
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS v (user_id, name, place)
            JOIN batches b ON b.user_id = v.user_id AND b.name = v.name
            """)

        /// What the batches of users `$1` with the names `$2` were made with.
        static let readOptions = PostgresStatement(
            "submit_read_options",
            """
            SELECT v.place, b.breaker_share, b.breaker_minimum, b.pilot_size, b.pilot_state, b.pilot_score,
                   (b.pilot_cost_usd * 1000000)::int8 AS pilot_cost, b.pilot_failures
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS v (user_id, name, place)
            JOIN batches b ON b.user_id = v.user_id AND b.name = v.name
            """)

        /// The tasks of a flow get its next tags, in the order of their submission; see ``FairFlowSQL``.
        static let insertTasks = TableStatement<NewTask>("submit_tasks", taskColumns) { v in
            """
            WITH \(arrivals(v)),
            \(numbered)
            \(insert(v))
            ORDER BY n.position
            RETURNING task_id, created_at, estimated_completion
            """
        }

        /// Only those that are not there yet, with their events. What another transaction is writing at the same time is
        /// waited for and left out; the ids are in order, so that two such transactions do not wait for one another.
        static let insertKeyedTasks = TableStatement<NewTask>("submit_keyed_tasks", taskColumns) { v in
            """
            WITH handed_in AS (SELECT * FROM (\(select(v))) v),
            v AS MATERIALIZED (
                SELECT DISTINCT ON (h.task_id) h.* FROM handed_in h
                WHERE NOT EXISTS (SELECT FROM tasks t WHERE t.task_id = h.task_id) ORDER BY h.task_id, h.position),
            \(numbered),
            written AS (
                \(insert(v))
                ORDER BY n.task_id
                ON CONFLICT (task_id) DO NOTHING
                RETURNING task_id, created_at, estimated_completion, content_key),
            told AS (\(insertEvents(of: "written")))
            SELECT task_id, created_at, estimated_completion, content_key FROM written
            """
        }

        private static let taskColumns: [ParameterTable<NewTask>.Column] = [
            .text("task_id", \.id), .text("user_id", \.userID), .text("title", \.submission.title),
            .text("description", \.submission.description), .text("priority", \.submission.priority.rawValue),
            .jsonb("context") { $0.submission.context?.serialized() }, .text("batch", \.submission.batch),
            .text("custom_id", \.submission.customID), .text("content_key", \.contentKey),
        ]

        private static func arrivals(_ v: ParameterTable<NewTask>) -> String { "v AS MATERIALIZED (\(select(v)))" }

        private static func select(_ v: ParameterTable<NewTask>) -> String {
            """
            SELECT v.*, b.batch_id, \(FairFlowSQL.flow(user: "v.user_id", batch: "b.batch_id")) AS flow,
                   \(FairFlowSQL.rank(of: "v.priority")) AS rank
            FROM \(v.arrays) WITH ORDINALITY AS v (\(v.names), position)
            LEFT JOIN batches b ON b.user_id = v.user_id AND b.name = v.batch
            """
        }

        private static let numbered = """
            flows AS (
                \(FairFlowSQL.moveOn("SELECT rank, flow, count(*) AS arrivals FROM v GROUP BY rank, flow"))),
            numbered AS (
                SELECT v.*, row_number() OVER (PARTITION BY rank, flow ORDER BY position DESC) - 1 AS behind FROM v)
            """

        /// What a pause or a pilot covers waits from the first moment on.
        private static func insert(_ v: ParameterTable<NewTask>) -> String {
            """
            INSERT INTO tasks (task_id, user_id, title, description, priority, context, batch_id, estimated_completion,
                               fair_tag, event_seq, custom_id, content_key, is_held)
            SELECT n.task_id, n.user_id, n.title, n.description, n.priority, n.context, n.batch_id,
                   now() + make_interval(secs => \(v.parameter())), f.last_tag - n.behind, 1, n.custom_id, n.content_key,
                   \(HoldSQL.exist) AND (
                       SELECT \(HoldSQL.coversTask) FROM (SELECT n.user_id, n.batch_id, FALSE AS is_pilot) t)
            FROM numbered n JOIN flows f ON f.priority = n.rank AND f.flow = n.flow
            """
        }

        private static func insertEvents(of rows: String) -> String {
            """
            INSERT INTO event_log (task_id, first_seq, events, body)
            SELECT v.task_id, 1, 1, '[{"type":"task_status_update","status":"pending","progress":0}]' FROM \(rows) v
            """
        }

        static let insertEvents = PostgresStatement(
            "submit_events", insertEvents(of: "(SELECT unnest($1::text[]) AS task_id)"))

        static let readTasks = PostgresStatement(
            "submit_read",
            "SELECT task_id, created_at, estimated_completion, content_key FROM tasks WHERE task_id = ANY($1)")
    }
}
