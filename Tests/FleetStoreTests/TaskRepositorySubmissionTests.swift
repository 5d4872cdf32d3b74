import FleetCore
import FleetStore
import JSON
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TaskRepositorySubmissionTests {
    @Test func submissionWritesTaskAndEvent() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask(
                userID: "u1",
                submission: TaskSubmission(
                    title: "Häuser", description: "Twenty characters or more", priority: .high,
                    context: ["n": .double(1.5), "text": "ü"], batch: "Q4"))
            let written = try #require(try await tasks.submit([task]).first)
            #expect(written.id == task.id)
            #expect(written.estimatedCompletion - written.createdAt == 1_800_000_000)

            let detail = try await tasks.detail(of: task.id, owner: nil)
            #expect(detail.summary.title == "Häuser")
            #expect(detail.summary.priority == .high)
            #expect(detail.summary.batch == "Q4")
            #expect(detail.context?["text"]?.string == "ü")
            #expect(detail.cost == CostSums())
            #expect(detail.answer == nil)

            let event = try #require(try await tasks.events(of: task.id, owner: nil, after: 0, limit: 10).first)
            let payload = try JSONValue(parsing: event.payload)
            #expect(event.sequence == 1)
            #expect(payload["type"]?.string == "task_status_update")
            #expect(payload["status"]?.string == "pending")
            #expect(payload["seq"]?.int == 1)
            #expect(try await pool.integer("SELECT event_seq FROM tasks") == 1)
            // It waits as a row until the scheduler admits it: wake-ups come from outcomes alone.
            #expect(try await pool.integer("SELECT count(*) FROM task_wakeups") == 0)
        }
    }

    @Test func oneBadRowOfAChunkLeavesNothing() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let first = NewTask.sample(batch: "b")
            await #expect(throws: TaskRepositoryError.self) {
                try await tasks.submit([first, NewTask(id: first.id, userID: "u1", submission: first.submission)])
            }
            for table in ["tasks", "events", "task_wakeups", "fair_flows", "batches"] {
                let rows = try await pool.integer("SELECT count(*) FROM \(table)")
                #expect(rows == 0, "\(table)")
            }
        }
    }

    @Test func twoUsersInterleave() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            _ = try await tasks.submit((1...6).map { NewTask.sample("rich", title: "r\($0)") })
            _ = try await tasks.submit((1...3).map { NewTask.sample("poor", title: "p\($0)") })
            _ = try await tasks.submit([NewTask.sample("rich", title: "r7")])
            let titles = try await pool.texts("SELECT title::text FROM tasks ORDER BY fair_tag, title")
            #expect(titles == ["p1", "r1", "p2", "r2", "p3", "r3", "r4", "r5", "r6", "r7"])
            #expect(try await pool.integer("SELECT last_tag FROM fair_flows WHERE flow = 'rich/'") == 7)
        }
    }

    @Test func flowThatFellBehindStartsAtTheClock() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            _ = try await tasks.submit([.sample("a"), .sample("b")])
            try await pool.run("UPDATE fair_clocks SET virtual_time = 1000 WHERE priority = 2")
            _ = try await tasks.submit([.sample("a", title: "late 1"), .sample("a", title: "late 2")])
            _ = try await tasks.submit([.sample("c", title: "new"), .sample("c", title: "urgent", priority: .urgent)])
            #expect(try await pool.integer("SELECT fair_tag FROM tasks WHERE title = 'late 1'") == 1001)
            #expect(try await pool.integer("SELECT fair_tag FROM tasks WHERE title = 'late 2'") == 1002)
            #expect(try await pool.integer("SELECT fair_tag FROM tasks WHERE title = 'new'") == 1001)
            #expect(try await pool.integer("SELECT fair_tag FROM tasks WHERE title = 'urgent'") == 1)
        }
    }

    /// PostgreSQL compares bytes; Swift would take these names for one.
    @Test func twoFormsOfTheSameLettersAreTwoBatches() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            _ = try await tasks.submit([.sample(batch: "\u{E9}"), .sample(batch: "e\u{301}")])
            #expect(try await pool.integer("SELECT count(*) FROM tasks JOIN batches USING (batch_id)") == 2)
        }
    }

    @Test func batchesAreFlowsOfTheirOwn() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let name = String(repeating: "n", count: 200)
            _ = try await tasks.submit([.sample("u", batch: name), .sample("u", batch: "b2"), .sample("u")])
            _ = try await tasks.submit([.sample("u", batch: name), .sample("v", batch: name)])
            #expect(try await pool.integer("SELECT count(*) FROM batches") == 3)
            #expect(try await pool.integer("SELECT count(*) FROM fair_flows") == 4)
            #expect(try await pool.integer("SELECT count(*) FROM tasks WHERE fair_tag = 1") == 4)
        }
    }

    @Test func concurrentSubmissionsGiveEachTagOnce() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        for _ in 0..<5 {
                            var many = (0..<40).map { NewTask.sample("u\($0 % 4)", batch: "b\($0 % 3)") }
                            if number.isMultiple(of: 2) { many.reverse() }
                            _ = try await tasks.submit(many)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.integer("SELECT count(*) FROM tasks") == 1600)
            let doubled = """
                SELECT count(*) FROM (SELECT 1 FROM tasks GROUP BY user_id, batch_id, fair_tag HAVING count(*) > 1) d
                """
            #expect(try await pool.integer(doubled) == 0)
            let ends = """
                SELECT count(*) FROM fair_flows f JOIN (
                    SELECT user_id || '/' || batch_id AS flow, max(fair_tag) AS last, count(*) AS tasks FROM tasks
                    GROUP BY 1) t ON t.flow = f.flow AND t.last = f.last_tag AND t.tasks = f.last_tag
                """
            #expect(try await pool.integer(ends) == 12)
        }
    }

    @Test func estimateIsTheMedianOfCompletedTasks() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            try await pool.run(
                """
                INSERT INTO tasks (task_id, user_id, title, description, status, workflow_state, created_at,
                                   completed_at)
                SELECT 't' || s, 'u', 't', 'd', 'completed', 'completed', now() - interval '1 hour',
                       now() - interval '1 hour' + make_interval(secs => s)
                FROM unnest(ARRAY[10, 20, 3000]) s
                """)
            let written = try #require(try await tasks.submit([.sample()]).first)
            #expect(written.estimatedCompletion - written.createdAt == 20_000_000)
        }
    }

    /// The connection is lost while the commit is under way, so that its outcome is unknown.
    @Test func lostCommitIsSettledWithoutDoubling() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            try await pool.run(
                """
                CREATE SEQUENCE commits;
                CREATE FUNCTION die_once() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF nextval('commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                        RETURN NULL;
                    END $$;
                CREATE CONSTRAINT TRIGGER die_once AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION die_once()
                """)
            let task = NewTask.sample()
            #expect(try await tasks.submit([task]).map(\.id) == [task.id])
            #expect(try await pool.integer("SELECT last_value FROM commits") == 2)
            #expect(try await pool.integer("SELECT count(*) FROM tasks") == 1)
            #expect(try await pool.integer("SELECT last_tag FROM fair_flows") == 1)
        }
    }

    @Test func missingDatabaseIsUnavailable() async throws {
        var configuration = try PostgresConfiguration(url: "postgres://nobody@127.0.0.1:1/none")
        configuration.acquireTimeout = .milliseconds(300)
        let pool = PostgresPool(configuration: configuration)
        let error = await #expect(throws: TaskRepositoryError.self) {
            try await PostgresTaskRepository(pool: pool).submit([.sample()])
        }
        guard case .failed(let failure)? = error else {
            Issue.record("\(String(describing: error))")
            return await pool.shutdown()
        }
        #expect(failure.kind == .outage)
        await pool.shutdown()
    }
}
