import FleetCore
import FleetStore
import JSON
import PostgresClient
import TestServers
import Testing

/// What schedulers do for batches, and how their results are read.
@Suite(.timeLimit(.minutes(2)))
struct BatchKeeperTests {
    private static let action = OperatorAction(actor: "olga", reason: "looked at it")
    private static let end = """
        status = 'completed', workflow_state = 'completed', current_step_id = NULL, completed_at = now(), result_number = NULL
        """

    private static func keyed(_ number: Int, _ options: BatchOptions? = nil, title: String = "A title") -> NewTask {
        var task = NewTask(
            userID: "anna",
            keyed: TaskSubmission(
                title: title, description: "A description of at least twenty characters", batch: "night",
                customID: "row-\(number)"), occurrence: nil)
        task.batchOptions = options
        return task
    }

    private static func fail(_ fleet: FleetFixture, _ tasks: [String], code: String = "invalid_answer") async throws {
        let ids = tasks.map { "'\($0)'" }.joined(separator: ",")
        try await fleet.pool.run(
            """
            INSERT INTO dead_letters (task_id, kind, agent_type, reason, error, error_code)
            SELECT task_id, 'task_analysis', 'manager', 'failed', '\(code): no', '\(code)' FROM tasks WHERE task_id IN (\(ids));
            UPDATE tasks SET \(end) WHERE task_id IN (\(ids));
            UPDATE tasks SET status = 'failed', workflow_state = 'failed' WHERE task_id IN (\(ids))
            """)
    }

    private static func complete(_ fleet: FleetFixture, _ tasks: some Sequence<String>) async throws {
        let ids = tasks.map { "'\($0)'" }.joined(separator: ",")
        try await fleet.pool.run("UPDATE tasks SET \(end) WHERE task_id IN (\(ids))")
    }

    // MARK: Results

    /// A task ends before another one and is committed after it: the reader that came in between misses neither.
    @Test func noResultIsMissedWhateverIsCommittedInWhichOrder() async throws {
        try await FleetFixture.run { fleet in
            let tasks = try await fleet.tasks.submit((1...3).map { Self.keyed($0) })
            let (source, desk) = (PostgresBatchResults(pool: fleet.pool), PostgresBatchDesk(pool: fleet.pool))
            let batch = try await desk.find("night", user: nil).id
            var read: [String] = []
            var last = 0
            func readOn() async throws -> Bool {
                let page = try await source.results(of: batch, after: last, limit: 2)
                read += page.results.map(\.taskID)
                last = page.results.last?.number ?? last
                return page.isComplete
            }
            // The first one ends in a transaction that is still open while the second one ends and is read.
            try await fleet.holding("UPDATE tasks SET \(Self.end) WHERE task_id = '\(tasks[0].id)'") {
                try await Self.complete(fleet, [tasks[1].id])
                #expect(try await readOn() == false)
                #expect(read == [tasks[1].id])
            }
            try await Self.complete(fleet, [tasks[2].id])
            _ = try await readOn()
            #expect(try await readOn())
            #expect(read.count == 3 && Set(read) == Set(tasks.map(\.id)))
            // A task that ends again stands there again.
            try await fleet.pool.run("UPDATE tasks SET result_number = NULL WHERE task_id = '\(tasks[0].id)'")
            #expect(try await readOn())
            #expect(read.count == 4 && read.last == tasks[0].id)
        }
    }

    @Test func severalThatNumberAtOnceGiveEachNumberOnce() async throws {
        try await FleetFixture.run { fleet in
            let tasks = try await fleet.tasks.submit((0..<60).map { Self.keyed($0) })
            let keeper = PostgresBatchKeeper(pool: fleet.pool)
            let batch = try await PostgresBatchDesk(pool: fleet.pool).find("night", user: nil).id
            try await withThrowingTaskGroup(of: Void.self) { group in
                for part in 0..<4 {
                    group.addTask {
                        for index in stride(from: part, to: 60, by: 4) {
                            try await Self.complete(fleet, [tasks[index].id])
                            if part < 2 {
                                _ = try await keeper.keepBatches()
                            } else {
                                _ = try await PostgresBatchResults(pool: fleet.pool).results(
                                    of: batch, after: 0, limit: 1)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            _ = try await keeper.keepBatches()
            #expect(
                try await fleet.pool.texts("SELECT t.result_number::text FROM tasks t ORDER BY t.result_number")
                    == (1...60).map(String.init))
            #expect(try await fleet.pool.integer("SELECT last_result FROM batches") == 60)
        }
    }

    /// An advance of a finished task, for a retry or a revision, takes its number away.
    @Test func theWorkflowTakesTheNumberAwayWhenATaskGoesOn() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.finished(worker, FleetAnswers(), Self.keyed(1))
            let keeper = PostgresBatchKeeper(pool: fleet.pool)
            _ = try await keeper.keepBatches()
            #expect(try await fleet.pool.integer("SELECT result_number FROM tasks") == 1)
            _ = try await fleet.tasks.revise(id, owner: nil, RevisionRequest(request: "Shorter, please"))
            try await fleet.work(worker)
            _ = try await keeper.keepBatches()
            #expect(try await fleet.pool.integer("SELECT result_number FROM tasks") == 2)
            let source = PostgresBatchResults(pool: fleet.pool)
            let batch = try await PostgresBatchDesk(pool: fleet.pool).find("night", user: nil).id
            let result = try #require(try await source.results(of: batch, after: 0, limit: 10).results.first)
            #expect(result.customID == "row-1" && result.answer?.version == 2 && result.cost > .zero)
        }
    }

    // MARK: Keys

    @Test func theSameBacklogAgainAddsOnlyWhatIsMissing() async throws {
        try await FleetFixture.run { fleet in
            let first = try await fleet.tasks.submit((1...3).map { Self.keyed($0) })
            #expect(first.allSatisfy { !$0.isReplayed })
            let again = try await fleet.tasks.submit((1...5).map { Self.keyed($0) })
            #expect(again.map(\.isReplayed) == [true, true, true, false, false])
            #expect(again.prefix(3).map(\.id) == first.map(\.id))
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks") == 5)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM events") == 5)
            // What was there already has taken no place in line.
            #expect(try await fleet.pool.integer("SELECT last_tag FROM fair_flows") == 5)
            // Twice in one chunk, once with another content.
            let twice = try await fleet.tasks.submit([
                Self.keyed(6), Self.keyed(6), Self.keyed(6, title: "Another"), Self.keyed(1, title: "Another"),
            ])
            #expect(twice.map(\.isReplayed) == [false, true, true, true])
            #expect(twice.map(\.differs) == [false, false, true, true])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE title = 'Another'") == 0)
        }
    }

    @Test func theSameBacklogTwiceAtOnceIsThereOnce() async throws {
        try await FleetFixture.runStrictly { fleet in
            for round in 0..<5 {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for party in 0..<4 {
                        group.addTask {
                            var tasks = (0..<50).map { number in
                                var task = Self.keyed(round * 100 + number)
                                task.submission.priority = Priority(rank: number % 4) ?? .medium
                                return task
                            }
                            if party.isMultiple(of: 2) { tasks.reverse() }
                            return try await fleet.tasks.submit(tasks).count { !$0.isReplayed }
                        }
                    }
                    let new = try await group.reduce(0, +)
                    #expect(new == 50)
                }
            }
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks") == 250)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM events") == 250)
        }
    }

    // MARK: Breaker

    @Test func aFaultThatDominatesPausesTheBatchUntilItIsResumed() async throws {
        try await FleetFixture.run { fleet in
            let ids = try await fleet.submit((0..<60).map { Self.keyed($0) })
            let (keeper, desk) = (PostgresBatchKeeper(pool: fleet.pool), PostgresBatchDesk(pool: fleet.pool))
            let batch = try await desk.find("night", user: nil).id
            try await fleet.pool.run("UPDATE tasks SET workflow_state = 'pending', status = 'pending'")
            try await Self.fail(fleet, Array(ids[..<19]))
            #expect(try await keeper.keepBatches().tripped.isEmpty)
            try await Self.complete(fleet, [ids[19]])
            #expect(try await keeper.keepBatches().tripped == [batch])
            #expect(try await keeper.keepBatches().tripped.isEmpty)
            let hold = try #require(try await desk.overview(batch)?.pause)
            #expect(hold.actor == "breaker" && hold.reason.contains("19 of 20") && hold.reason.contains("fingerprint"))
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).isEmpty)
            #expect(try await desk.resume(batch, withoutPilot: false, Self.action))
            // The old failures do not count again; new ones do.
            try await Self.complete(fleet, ids[20..<22])
            #expect(try await keeper.keepBatches().tripped.isEmpty)
            try await Self.fail(fleet, Array(ids[22..<40]), code: "other_fault")
            #expect(try await keeper.keepBatches().tripped == [batch])
            #expect(try await desk.overview(batch)?.pause?.reason.contains("18 of 20") == true)
            _ = try await desk.resume(batch, withoutPilot: false, Self.action)
            try await desk.setBreaker(batch, nil, Self.action)
            try await Self.fail(fleet, Array(ids[40...]))
            #expect(try await keeper.keepBatches().tripped.isEmpty)
        }
    }

    /// The look and the pause are one transaction: who dies in it leaves both to the next.
    @Test func aBreakerTripsWhoeverDies() async throws {
        try await FleetFixture.run { fleet in
            try await Self.fail(fleet, try await fleet.submit((0..<20).map { Self.keyed($0) }))
            let keeper = PostgresBatchKeeper(pool: fleet.pool)
            for (table, event) in [("batches", "UPDATE"), ("holds", "INSERT"), ("audit_log", "INSERT")] {
                try await fleet.pool.run(
                    """
                    CREATE OR REPLACE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                    CREATE TRIGGER die AFTER \(event) ON \(table) FOR EACH STATEMENT EXECUTE FUNCTION die()
                    """)
                await #expect(throws: (any Error).self) { try await keeper.keepBatches() }
                #expect(try await fleet.pool.integer("SELECT count(*) FROM holds") == 0, "\(table)")
                try await fleet.pool.run("DROP TRIGGER die ON \(table)")
            }
            #expect(try await keeper.keepBatches().tripped.count == 1)
        }
    }

    // MARK: Pilot

    private static let pilot = BatchOptions(
        pilot: BatchPilot(size: 3, leastScore: 7, mostCost: Decimal6("0.50"), mostFailures: 0.4))

    private func withPilot(
        _ body:
            @escaping @Sendable (FleetFixture, PostgresBatchKeeper, PostgresBatchDesk, String, [String]) async throws
            -> Void
    ) async throws {
        try await FleetFixture.run { fleet in
            _ = try await fleet.tasks.submit((0..<10).map { Self.keyed($0, Self.pilot) })
            let (keeper, desk) = (PostgresBatchKeeper(pool: fleet.pool), PostgresBatchDesk(pool: fleet.pool))
            let batch = try await desk.find("night", user: nil).id
            // It is being handed in: nothing is drawn, nothing goes out.
            #expect(try await keeper.keepBatches() == BatchKeeping())
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE is_held") == 10)
            try await fleet.advance()
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps") == 0)
            try await fleet.pool.run(
                "UPDATE tasks SET created_at = now() - interval '3 seconds', updated_at = now() - interval '3 seconds'")
            #expect(try await keeper.keepBatches().pilotsBegun == 1)
            #expect(try await keeper.keepBatches().pilotsBegun == 0)
            let drawn = try await fleet.pool.texts("SELECT task_id::text FROM tasks WHERE is_pilot ORDER BY 1")
            try await fleet.pool.run("UPDATE tasks SET updated_at = created_at")
            try await fleet.advance()
            #expect(
                try await fleet.pool.texts("SELECT DISTINCT task_id::text FROM steps ORDER BY 1") == drawn
                    && drawn.count == 3)
            try await body(fleet, keeper, desk, batch, drawn)
        }
    }

    private static func cost(_ fleet: FleetFixture, _ task: String, _ dollars: Double, score: Double) async throws {
        try await fleet.pool.run(
            """
            INSERT INTO ai_api_usage (step_id, attempt, call_number, task_id, kind, provider, model, outcome, cost_basis,
                                      cost_usd)
            SELECT step_id, 1, 1, task_id, kind, 'openai', 'gpt', 'succeeded', 'reported', \(dollars) FROM steps
            WHERE task_id = '\(task)';
            INSERT INTO subtasks (subtask_id, task_id, title, description, status, plan_number, ordinal, plan_key,
                                  acceptance_status, best_score)
            VALUES ('\(task)_1', '\(task)', 't', 'd', 'completed', 0, 1, 's1', 'accepted', \(score))
            """)
    }

    @Test func aPilotWithinItsBoundsLetsTheOthersFollow() async throws {
        try await withPilot { fleet, keeper, desk, batch, drawn in
            // The sample is that of the file, not of chance.
            #expect(try await fleet.tasks.submit([Self.keyed(0, Self.pilot)]).first?.isReplayed == true)
            for task in drawn { try await Self.cost(fleet, task, 0.5, score: 7) }
            try await Self.complete(fleet, drawn.prefix(2))
            #expect(try await keeper.keepBatches() == BatchKeeping())
            try await Self.fail(fleet, [drawn[2]])
            #expect(try await keeper.keepBatches().pilotsPassed == [batch])
            #expect(try await desk.overview(batch)?.pilot?.state == .passed)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM holds") == 0)
            try await fleet.advance()
            #expect(try await fleet.pool.integer("SELECT count(DISTINCT task_id) FROM steps") == 10)
        }
    }

    @Test func aPilotOutsideItsBoundsPausesTheBatch() async throws {
        try await withPilot { fleet, keeper, desk, batch, drawn in
            for task in drawn { try await Self.cost(fleet, task, 0.75, score: 6.5) }
            try await Self.complete(fleet, drawn)
            // Somebody has paused it meanwhile: both reasons stand there.
            _ = try await desk.pause(batch, Self.action)
            #expect(try await keeper.keepBatches().pilotsStopped == [batch])
            let reason = try #require(try await desk.overview(batch)?.pause?.reason)
            #expect(reason.hasPrefix("looked at it; the pilot of 3"))
            #expect(reason.contains("0.750000 USD") && reason.contains("6.5"))
            try await fleet.advance()
            #expect(try await fleet.pool.integer("SELECT count(DISTINCT task_id) FROM steps") == 3)
            #expect(try await desk.resume(batch, withoutPilot: false, Self.action))
            try await fleet.advance()
            #expect(try await fleet.pool.integer("SELECT count(DISTINCT task_id) FROM steps") == 10)
        }
    }

    @Test func aPilotNeedNotBeWaitedFor() async throws {
        try await withPilot { fleet, keeper, desk, batch, drawn in
            #expect(try await desk.resume(batch, withoutPilot: true, Self.action))
            #expect(try await desk.overview(batch)?.pilot?.state == .passed)
            #expect(try await keeper.keepBatches() == BatchKeeping())
            try await fleet.advance()
            #expect(try await fleet.pool.integer("SELECT count(DISTINCT task_id) FROM steps") == 10)
            // What a batch was made with is not changed by handing in more.
            await #expect(throws: TaskRepositoryError.self) {
                try await fleet.tasks.submit([Self.keyed(77, BatchOptions(pilot: BatchPilot(size: 4)))])
            }
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE custom_id = 'row-77'") == 0)
            #expect(drawn.count == 3)
        }
    }
}
