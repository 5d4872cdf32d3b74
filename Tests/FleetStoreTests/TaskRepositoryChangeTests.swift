import FleetCore
import FleetStore
import JSON
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TaskRepositoryChangeTests {
    @Test func cancellingStopsWaitingStepsAndLeavesRunningOnes() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample()
            _ = try await tasks.submit([task])
            try await pool.run(
                """
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
                SELECT row_number() OVER (), '\(task.id)', 'subtask_execution', 'x', s, 2, 1
                FROM unnest(ARRAY['ready', 'dispatched', 'parked', 'running', 'succeeded']) s;
                UPDATE tasks SET current_step_id = 1, workflow_state = 'specialist_execution', status = 'in_progress',
                    current_stage = 'specialist_execution', plan_number = 1;
                INSERT INTO subtasks (subtask_id, task_id, title, description, plan_number, ordinal, plan_key, status,
                                      current_step_id, completed_at)
                SELECT s, '\(task.id)', 't', 'd', 1, 0, s, s, 1, CASE WHEN s IN ('completed', 'failed') THEN now() END
                FROM unnest(ARRAY['pending', 'assigned', 'in_progress', 'needs_revision', 'completed', 'failed']) s;
                INSERT INTO revisions (revision_id, task_id, revision_request) VALUES ('r', '\(task.id)', 'more')
                """)
            let change = try await tasks.cancel(task.id, owner: "u1")
            #expect(change.status == .cancelled)
            #expect(change.cancelled == .task)
            #expect(change.events.map(\.sequence) == [2, 3])
            let events = try change.events.map { try JSONValue(parsing: $0.payload) }
            #expect(events.map { $0["type"]?.string } == ["stage_transition", "task_status_update"])
            #expect(events[0]["from_stage"]?.string == "specialist_execution")
            #expect(events[0]["to_stage"]?.string == "cancelled")
            #expect(events[1]["status"]?.string == "cancelled")
            let types = "SELECT type::text FROM events WHERE seq > 1 ORDER BY seq"
            #expect(try await pool.texts(types) == ["stage_transition", "task_status_update"])
            // The specification has no stage for it: the task stays at the one that it had reached.
            #expect(try await pool.texts("SELECT current_stage::text FROM tasks") == ["specialist_execution"])
            let subtasks = try await pool.texts("SELECT concat_ws(' ', plan_key, status) FROM subtasks ORDER BY 1")
            #expect(
                subtasks == [
                    "assigned cancelled", "completed completed", "failed failed", "in_progress cancelled",
                    "needs_revision cancelled", "pending cancelled",
                ])
            let open =
                "SELECT count(*) FROM subtasks WHERE completed_at IS NULL OR (status = 'cancelled' AND current_step_id = 1)"
            #expect(try await pool.integer(open) == 0)
            let states = try await pool.texts("SELECT state::text FROM steps ORDER BY step_id")
            #expect(states == ["cancelled", "cancelled", "cancelled", "running", "succeeded"])
            let row = "SELECT count(*) FROM tasks WHERE cancel_epoch = 1 AND current_step_id IS NULL AND event_seq = 3 "
            #expect(try await pool.integer(row + "AND workflow_state = 'cancelled' AND completed_at IS NOT NULL") == 1)
            #expect(try await pool.texts("SELECT status::text FROM revisions") == ["cancelled"])

            let again = try await tasks.cancel(task.id, owner: "u1")
            #expect(again.status == .cancelled)
            #expect(again.events.isEmpty)
            #expect(try await pool.integer("SELECT cancel_epoch FROM tasks") == 1)
        }
    }

    @Test func racingCancelsTakeEffectOnce() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample()
            _ = try await tasks.submit([task])
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 { group.addTask { try await tasks.cancel(task.id, owner: nil).events.count } }
                return try await group.reduce(0, +)
            }
            #expect(written == 2)
            #expect(try await pool.integer("SELECT cancel_epoch FROM tasks") == 1)
            #expect(try await pool.integer("SELECT max(seq) FROM events") == 3)
        }
    }

    @Test func cancelWaitsForAnAdvanceAndSeesItsSteps() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample()
            _ = try await tasks.submit([task])
            let waiting = """
                SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
                """
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (locked, lock) = AsyncStream<Void>.makeStream()
                group.addTask {
                    // An advance: locks the task as the scheduler does, and creates a step once the cancel waits.
                    try await pool.transaction { session in
                        try session.executeSimple("SELECT 1 FROM tasks FOR UPDATE")
                        lock.yield()
                        while try session.execute(PostgresStatement("waiting", waiting)).only() as Int == 0 {
                            try session.executeSimple("SELECT pg_stat_clear_snapshot()")
                        }
                        try session.executeSimple(
                            """
                            INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
                            VALUES (1, '\(task.id)', 'task_analysis', 'manager', 'ready', 2, 1);
                            UPDATE tasks SET current_step_id = 1, event_seq = 2, status = 'in_progress',
                                workflow_state = 'task_analysis'
                            """)
                    }
                }
                for await _ in locked { break }
                let change = try await tasks.cancel(task.id, owner: nil)
                #expect(change.events.map(\.sequence) == [3, 4])
                try await group.waitForAll()
            }
            #expect(try await pool.texts("SELECT state::text FROM steps") == ["cancelled"])
        }
    }

    @Test(arguments: TaskStatus.allCases)
    func onlySomeStatusesAllowChanges(_ status: TaskStatus) async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            func attempt(_ work: (String) async throws -> TaskChange) async throws -> Bool {
                let task = NewTask.sample()
                _ = try await tasks.submit([task])
                try await pool.run("UPDATE tasks SET status = '\(status.rawValue)' WHERE task_id = '\(task.id)'")
                do {
                    _ = try await work(task.id)
                    return true
                } catch let error as TaskRepositoryError where error.isConflict {
                    #expect(error.message.contains(status.rawValue))
                    return false
                }
            }
            let request = RevisionRequest(request: "More")
            let isRevised = try await attempt { try await tasks.revise($0, owner: nil, request) }
            #expect(isRevised == [.completed, .partialCompletion, .failed].contains(status))
            let isRetried = try await attempt { try await tasks.retry($0, owner: nil) }
            #expect(isRetried == [.partialCompletion, .failed].contains(status))
            let isCancelled = try await attempt { try await tasks.cancel($0, owner: nil) }
            #expect(isCancelled == ![.completed, .partialCompletion, .failed].contains(status))
        }
    }

    /// One advance takes up one wish: a retry that is about to begin would be forgotten for the revision.
    @Test func aTaskWhoseRetryIsAboutToBeginCannotBeRevised() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample()
            _ = try await tasks.submit([task])
            try await pool.run("UPDATE tasks SET status = 'failed', workflow_state = 'failed'")
            _ = try await tasks.retry(task.id, owner: nil)
            let refusal = await #expect(throws: TaskRepositoryError.self) {
                try await tasks.revise(task.id, owner: nil, RevisionRequest(request: "More"))
            }
            #expect(refusal?.isConflict == true)
            #expect(try await pool.integer("SELECT count(*) FROM revisions") == 0)
        }
    }

    @Test func revisionIsWrittenWithEventAndWakeUp() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample()
            _ = try await tasks.submit([task])
            try await pool.run("UPDATE tasks SET status = 'completed', workflow_state = 'completed', progress = 100")
            try await pool.run("DELETE FROM task_wakeups")
            let request = RevisionRequest(request: "More", areas: ["a", "b"], priority: .high, scope: .finalAnswer)
            let change = try await tasks.revise(task.id, owner: "u1", request)
            #expect(change.status == .revisionPending)
            #expect(change.revisionID?.hasPrefix("rev_") == true)
            #expect(change.estimatedCompletion != nil)
            let row = """
                SELECT concat_ws(' ', revision_request, specific_areas::text, priority, status, scope) FROM revisions
                """
            #expect(try await pool.texts(row) == [#"More ["a", "b"] high pending final_answer"#])
            // Its steps stand on the clock of its priority, not on the task's.
            #expect(try await pool.integer("SELECT fair_tag FROM revisions") == 1)
            #expect(try await pool.integer("SELECT last_tag FROM fair_flows WHERE priority = 1") == 1)
            #expect(try await pool.texts("SELECT task_id FROM task_wakeups") == [task.id])
            #expect(try await pool.texts("SELECT status::text FROM tasks") == ["revision_pending"])
            let event = try #require(try await tasks.events(of: task.id, owner: nil, after: 1, limit: 10).first)
            #expect(try JSONValue(parsing: event.payload)["status"]?.string == "revision_pending")
            #expect(event == StoredTaskEvent(sequence: 2, payload: event.payload))
        }
    }

    @Test func withoutAPriorityARevisionHasTheTasks() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample(priority: .urgent)
            _ = try await tasks.submit([task])
            try await pool.run("UPDATE tasks SET status = 'completed', workflow_state = 'completed'")
            _ = try await tasks.revise(task.id, owner: nil, RevisionRequest(request: "More"))
            #expect(try await pool.texts("SELECT concat_ws(' ', priority, fair_tag) FROM revisions") == ["urgent 2"])
        }
    }

    @Test func otherUsersTasksDoNotExist() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample("owner")
            _ = try await tasks.submit([task])
            func isHidden(_ work: () async throws -> Void) async throws -> Bool {
                do {
                    try await work()
                    return false
                } catch let error as TaskRepositoryError {
                    return error.isNotFound
                }
            }
            #expect(try await isHidden { _ = try await tasks.detail(of: task.id, owner: "x") })
            #expect(try await isHidden { _ = try await tasks.result(of: task.id, owner: "x") })
            #expect(try await isHidden { _ = try await tasks.events(of: task.id, owner: "x", after: 0, limit: 1) })
            #expect(try await isHidden { _ = try await tasks.cancel(task.id, owner: "x") })
            #expect(try await isHidden { _ = try await tasks.retry(task.id, owner: "x") })
            #expect(try await isHidden { _ = try await tasks.revise(task.id, owner: "x", .init(request: "r")) })
        }
    }
}
