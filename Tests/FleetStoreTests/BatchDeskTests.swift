import FleetCore
import FleetStore
import JSON
import PostgresClient
import TestServers
import Testing

/// Batches as operators see and change them.
@Suite(.timeLimit(.minutes(2)))
struct BatchDeskTests {
    private static let action = OperatorAction(actor: "olga", reason: "the prompt was mended")

    /// Ends the first `failed` of a batch's tasks dead, the next `completed` well.
    private static func end(_ fleet: FleetFixture, _ batch: String, failed: Int, completed: Int) async throws {
        try await fleet.pool.run(
            """
            CREATE TEMP TABLE IF NOT EXISTS chosen (task_id text, place int8);
            DELETE FROM chosen;
            INSERT INTO chosen SELECT task_id, row_number() OVER (ORDER BY task_id) FROM tasks
                WHERE batch_id = '\(batch)' AND status NOT IN ('completed', 'failed', 'cancelled', 'partial_completion');
            INSERT INTO dead_letters (step_id, task_id, kind, agent_type, reason, error, error_code, model)
            SELECT s.step_id, s.task_id, s.kind, s.agent_type, 'failed', 'invalid_answer: no JSON', 'invalid_answer', 'gpt'
            FROM steps s JOIN chosen c ON c.task_id = s.task_id AND c.place <= \(failed);
            UPDATE steps s SET state = CASE WHEN c.place <= \(failed) THEN 'dead' ELSE 'succeeded' END, finished_at = now()
            FROM chosen c WHERE c.task_id = s.task_id AND c.place <= \(failed + completed);
            UPDATE tasks t SET status = CASE WHEN c.place <= \(failed) THEN 'failed' ELSE 'completed' END, progress = 100,
                workflow_state = CASE WHEN c.place <= \(failed) THEN 'failed' ELSE 'completed' END, current_step_id = NULL,
                failure = CASE WHEN c.place <= \(failed) THEN 'no part was accepted' END, completed_at = now(),
                result_number = NULL
            FROM chosen c WHERE c.task_id = t.task_id AND c.place <= \(failed + completed);
            DROP TABLE chosen
            """)
    }

    private func withBatch(
        _ count: Int, _ body: @escaping @Sendable (FleetFixture, PostgresBatchDesk, String) async throws -> Void
    ) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<count).map { _ in .sample("anna", batch: "night") })
            let desk = PostgresBatchDesk(pool: fleet.pool)
            try await body(fleet, desk, try await desk.find("night", user: nil).id)
        }
    }

    @Test func aNameOfSeveralUsersNeedsTheUser() async throws {
        try await FleetFixture.run { fleet in
            _ = try await fleet.tasks.submit([.sample("anna", batch: "night"), .sample("otto", batch: "night")])
            let desk = PostgresBatchDesk(pool: fleet.pool)
            let error = await #expect(throws: OperatorError.self) { try await desk.find("night", user: nil) }
            #expect(error?.code == .conflict)
            #expect(error?.description.contains("anna (batch_") == true && error?.description.contains("otto") == true)
            let annas = try await desk.find("night", user: "anna")
            #expect(annas.userID == "anna")
            #expect(try await desk.find(annas.id, user: nil) == annas)
            for (name, user) in [("none", String?.none), ("night", "eve"), (annas.id, "otto")] {
                let error = await #expect(throws: OperatorError.self) { try await desk.find(name, user: user) }
                #expect(error?.code == .notFound)
            }
            #expect(try await desk.list(user: nil, limit: 10).count == 2)
            #expect(try await desk.list(user: "otto", limit: 10).map(\.userID) == ["otto"])
        }
    }

    @Test func aBatchSaysHowFarItIsAndWhyTasksFailed() async throws {
        try await withBatch(8) { fleet, desk, id in
            try await Self.end(fleet, id, failed: 2, completed: 3)
            try await fleet.pool.run(
                """
                UPDATE tasks SET status = 'pending', workflow_state = 'pending'
                WHERE task_id = (SELECT max(task_id) FROM tasks WHERE status NOT IN ('failed', 'completed'));
                UPDATE dead_letters SET resolved_at = now() WHERE dead_letter_id = 1;
                INSERT INTO ai_api_usage (step_id, attempt, call_number, task_id, kind, provider, model, outcome, cost_basis,
                                          cost_usd, estimate_usd, hold_usd)
                SELECT step_id, 1, 1, task_id, kind, 'openai', 'gpt', 'succeeded', 'reported', 0.25, NULL, NULL FROM steps
                """)
            let overview = try #require(try await desk.overview(id))
            #expect(overview.counts == BatchCounts(pending: 1, active: 2, completed: 3, failed: 2))
            #expect(overview.state == .open && overview.pause == nil && overview.isCancelled == false)
            #expect(overview.cost.proved == Decimal6("2.00"))
            #expect(overview.failures.map(\.count) == [1, 1])
            let lettered = try #require(overview.failures.first { $0.fingerprint != nil })
            #expect(lettered.deadLetterID == 2 && lettered.example.contains("no JSON"))
            #expect(overview.failures.contains { $0.fingerprint == nil && $0.example == "no part was accepted" })
            #expect(overview.binding?.reason == "no_worker")
            #expect(overview.estimate == nil && overview.breaker == BatchBreaker())
            #expect(try await desk.overview("none") == nil)
        }
    }

    /// What nobody has numbered was not measured; ends that are an hour old say nothing about the next one.
    @Test func thePaceIsThatOfTheLastEnds() async throws {
        try await withBatch(6) { fleet, desk, id in
            try await Self.end(fleet, id, failed: 0, completed: 5)
            try await fleet.pool.run(
                """
                UPDATE tasks t SET result_number = n.number, completed_at = now() - make_interval(secs => 300 - 60 * n.number)
                FROM (SELECT task_id, row_number() OVER (ORDER BY task_id) AS number FROM tasks WHERE status = 'completed') n
                WHERE n.task_id = t.task_id
                """)
            let overview = try #require(try await desk.overview(id))
            let pace = try #require(overview.pace)
            #expect(pace.ends == 4 && abs(pace.seconds - 240) < 5)
            #expect(overview.estimate != nil)
            try await fleet.pool.run("UPDATE tasks SET completed_at = completed_at - interval '2 hours'")
            #expect(try await desk.overview(id)?.pace == nil)
        }
    }

    @Test func aPauseHoldsTheBatchOnly() async throws {
        try await withBatch(3) { fleet, desk, id in
            try await fleet.submit([.sample("anna", batch: "day")])
            #expect(try await desk.pause(id, Self.action).isNew)
            #expect(try await desk.overview(id)?.state == .paused)
            #expect(try await desk.overview(id)?.binding?.reason == "pause")
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 1)
            #expect(try await desk.resume(id, withoutPilot: false, Self.action))
            #expect(try await desk.resume(id, withoutPilot: false, Self.action) == false)
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 3)
            #expect(
                try await fleet.pool.texts("SELECT action::text FROM audit_log ORDER BY audit_id")
                    == ["batch.pause", "batch.resume"])
        }
    }

    @Test func aCancellationTakesWhatWasCounted() async throws {
        try await withBatch(5) { fleet, desk, id in
            let worker = try await fleet.worker()
            #expect(try await fleet.claimAll(worker: worker).count == 5)
            try await Self.end(fleet, id, failed: 1, completed: 1)
            try await fleet.pool.run(
                """
                UPDATE tasks t SET retry_requested = TRUE, checkpoint = jsonb_build_object('status', 'failed',
                    'workflow_state', 'failed', 'progress', 100) WHERE status = 'failed'
                """)
            let count = try await desk.countCancel(id)
            #expect(count.tasks == 4 && count.ofThem == 4)
            _ = try await fleet.tasks.submit([.sample("anna", batch: "night")])
            #expect(try await desk.cancel(id, count, Self.action) == 4)
            let overview = try #require(try await desk.overview(id))
            #expect(overview.counts == BatchCounts(pending: 1, completed: 1, failed: 1, cancelled: 3))
            #expect(overview.state == .open, "what came later goes on")
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE retry_requested") == 0)
            // What runs is settled by its worker, and its calls are paid for.
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps WHERE state = 'running'") == 3)
            // Cut off and run again: nothing happens twice.
            #expect(try await desk.cancel(id, count, Self.action) == 0)
            let rest = try await desk.countCancel(id)
            #expect(try await desk.cancel(id, rest, Self.action) == 1)
            #expect(try await desk.overview(id)?.state == .cancelled)
            #expect(
                try await fleet.pool.integer("SELECT count(*) FROM audit_log WHERE action = 'batch.cancel'") == 3)
        }
    }

    @Test func aRetryIsCarriedOutOnceForEachTask() async throws {
        try await withBatch(6) { fleet, desk, id in
            let book = PostgresOperationBook(pool: fleet.pool)
            try await Self.end(fleet, id, failed: 4, completed: 1)
            #expect(try await desk.countRetry(id).tasks == 4)
            let operation = try await desk.retry(id, ReplayOptions(ratePerMinute: 6000), Self.action)
            #expect(operation.matched == 4 && operation.kind == .retryBatch && operation.state == .running)
            // Nothing is in two retries at a time.
            #expect(try await desk.countRetry(id).tasks == 0)
            await #expect(throws: OperatorError.self) { try await desk.retry(id, ReplayOptions(), Self.action) }
            _ = try await book.change(operation.id, to: .paused, Self.action)
            #expect(try await book.continueOperations().begun == 0)
            _ = try await book.change(operation.id, to: .running, Self.action)
            try await fleet.pool.run("UPDATE operations SET started_at = now() - interval '1 minute'")
            #expect(try await book.continueOperations().begun == 4)
            #expect(try await book.continueOperations().begun == 0)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE retry_requested") == 4)
            #expect(try await book.operation(operation.id)?.done == 0)
            // Three come to an end: one well, one in part, one not at all; the fourth is cancelled.
            try await fleet.pool.run(
                """
                UPDATE tasks t SET retry_requested = FALSE, status = (ARRAY['completed', 'partial_completion', 'failed',
                    'cancelled'])[k.place], workflow_state = (ARRAY['completed', 'completed', 'failed', 'cancelled'])[k.place]
                FROM (SELECT task_id, row_number() OVER (ORDER BY task_id) AS place FROM operation_tasks) k
                WHERE k.task_id = t.task_id
                """)
            _ = try await book.continueOperations()
            let ended = try #require(try await book.operation(operation.id))
            #expect(ended.state == .done && ended.done == 1 && ended.failed == 2 && ended.skipped == 1)
            #expect(try await desk.countRetry(id).tasks == 2)
        }
    }

    /// A scheduler that dies in the middle of a round leaves nothing of it: the next one does it again, once.
    @Test func aRetryGoesOnWhoeverDies() async throws {
        try await withBatch(3) { fleet, desk, id in
            let book = PostgresOperationBook(pool: fleet.pool)
            try await Self.end(fleet, id, failed: 3, completed: 0)
            _ = try await desk.retry(id, ReplayOptions(), Self.action)
            try await fleet.pool.run(
                """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                CREATE TRIGGER die AFTER UPDATE ON operation_tasks FOR EACH STATEMENT EXECUTE FUNCTION die()
                """)
            await #expect(throws: (any Error).self) { try await book.continueOperations() }
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE retry_requested") == 0)
            try await fleet.pool.run("DROP TRIGGER die ON operation_tasks")
            #expect(try await book.continueOperations().begun == 3)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM task_wakeups") == 3)
        }
    }

    @Test func aRetryWithACanaryStopsWhenItFails() async throws {
        try await withBatch(3) { fleet, desk, id in
            let book = PostgresOperationBook(pool: fleet.pool)
            try await Self.end(fleet, id, failed: 3, completed: 0)
            let operation = try await desk.retry(id, ReplayOptions(hasCanary: true), Self.action)
            #expect(try await book.continueOperations().begun == 1)
            try await fleet.pool.run("UPDATE tasks SET retry_requested = FALSE")
            #expect(try await book.continueOperations().begun == 0)
            let paused = try #require(try await book.operation(operation.id))
            #expect(paused.state == .paused && paused.problem?.contains("mixmyai task get task_") == true)
            #expect(try await book.change(operation.id, to: .cancelled, Self.action).skipped == 2)
            #expect(try await desk.countRetry(id).tasks == 3)
        }
    }
}
