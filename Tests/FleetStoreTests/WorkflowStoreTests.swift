import FleetCore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

@testable import FleetStore

/// The scheduler's side: whole tasks, dispatch order, lost work.
@Suite(.timeLimit(.minutes(3))) struct WorkflowStoreTests {
    @Test func aBacklogRunsFromSubmissionToItsResults() async throws {
        try await FleetFixture.run { fleet in
            let ids = try await fleet.submit((0..<20).map { .sample("u\($0 % 3)") })
            let worker = try await fleet.worker()
            var generator = SeededGenerator(seed: 3)
            for _ in 0..<200 {
                let steps = try await fleet.claimAll(worker: worker)
                guard !steps.isEmpty else { break }
                for step in steps where step.kind == .subtaskExecution && !step.input.solutionStepIDs.isEmpty {
                    #expect(step.material.solutions.count >= step.input.solutionStepIDs.count)
                }
                _ = try await fleet.steps.settle(
                    steps.map { $0.succeeded(using: &generator) }, worker: worker)
                try await fleet.advance()
            }
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE status = 'completed'") == ids.count)
            #expect(
                try await fleet.pool.integer("SELECT count(*) FROM solutions WHERE solution_type = 'final'")
                    == ids.count)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM task_wakeups") == 0)
            // I9: every stream is 1, 2, 3, ... without gaps, and the task's counter agrees.
            let gaps = try await fleet.pool.integer(
                """
                SELECT count(*) FROM (SELECT task_id, count(*) n, max(seq) m, min(seq) first FROM events GROUP BY task_id) e
                JOIN tasks t USING (task_id) WHERE n <> m OR first <> 1 OR t.event_seq <> m
                """)
            #expect(gaps == 0)
            // I12: as many calls as steps, each step in a final state.
            #expect(
                try await fleet.pool.integer(
                    "SELECT count(*) FROM steps WHERE state <> 'succeeded'") == 0)
            #expect(
                try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage")
                    == fleet.pool.integer("SELECT count(*) FROM steps"))
        }
    }

    @Test func twoSchedulersAdvanceTheSameTasksOnce() async throws {
        try await FleetFixture.run { fleet in
            _ = try await fleet.tasks.submit((0..<50).map { _ in .sample() })
            let workflow = Workflow(catalogue: TestCatalogue.agents)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let store = PostgresWorkflowStore(pool: fleet.pool)
                        while try await !store.advance(
                            limit: 7, dispatchLimit: 0, { workflow.advance($0, Workflow.Context(nextStepID: $1)) }
                        ).isEmpty {}
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps") == 50)
        }
    }

    /// Statistics from when the table was nearly empty, as it usually is, once led to a plan that took all there were.
    @Test func anAdvanceTakesNoMoreWakeUpsThanItsLimit() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            var generator = SeededGenerator(seed: 1)
            for count in [1, 8] {
                try await fleet.submit((0..<count).map { _ in .sample() })
                let settlements = try await fleet.claimAll(worker: worker).map { $0.succeeded(using: &generator) }
                _ = try await fleet.steps.settle(settlements, worker: worker)
                if count == 1 { try await fleet.pool.run("ANALYZE task_wakeups") }
            }
            let workflow = Workflow(catalogue: TestCatalogue.agents)
            let report = try await fleet.scheduler.advance(limit: 3, dispatchLimit: 0) {
                workflow.advance($0, Workflow.Context(nextStepID: $1))
            }
            #expect(report.wakeUps == 3)
            #expect(report.advanced == 3)
        }
    }

    @Test func higherPrioritiesGoFirstAndUsersTakeTurns() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<6).map { _ in .sample("busy") })
            try await fleet.submit([.sample("late"), .sample("late"), .sample("boss", priority: .urgent)])
            let tickets = try await fleet.scheduler.dispatch(limitPerQueue: 5)
            let users = try await fleet.pool.withSession { session in
                try tickets.map { ticket in
                    try session.execute(
                        PostgresStatement("owner", "SELECT user_id FROM tasks WHERE task_id = $1"),
                        [.text(ticket.taskID)]
                    ).only() as String
                }
            }
            #expect(users == ["boss", "busy", "late", "busy", "late"])
        }
    }

    @Test func aQueueHasNoMoreTicketsOutThanItsWindowAndAPausedOneNone() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<30).map { _ in .sample() })
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 10")
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 10)
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).isEmpty)
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 100, is_paused = TRUE")
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).isEmpty)
        }
    }

    /// A window that is full of less urgent tickets: what is urgent goes out all the same, as far as the window goes.
    @Test func urgentStepsDoNotWaitForTheTicketsOfOthers() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 10")
            try await fleet.submit((0..<30).map { _ in .sample(priority: .low) })
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 10)
            try await fleet.submit((0..<7).map { _ in .sample(priority: .urgent) })
            try await fleet.submit((0..<7).map { _ in .sample(priority: .high) })
            let priorities = try await fleet.scheduler.dispatch(limitPerQueue: 100).map(\.priority)
            #expect(priorities == Array(repeating: .urgent, count: 7) + Array(repeating: .high, count: 3))
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).isEmpty)
        }
    }

    /// Whatever they wait for: as many more would only go round in circles.
    @Test(arguments: StepOutcome.WaitReason.allCases)
    func whileManyWaitForCapacityOnlyMoreUrgentStepsGoOut(reason: StepOutcome.WaitReason) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<100).map { _ in .sample() })
            try await fleet.pool.run(
                """
                UPDATE steps SET state = 'parked', wait_reason = '\(reason.rawValue)', not_before = now() + interval '1 hour'
                WHERE step_id IN (SELECT step_id FROM steps ORDER BY step_id LIMIT 70)
                """)
            // A step that failed waits for itself alone, and one that is paused for the operator.
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 1000).isEmpty == reason.isForCapacity)
            try await fleet.submit([.sample("boss", priority: .urgent)])
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 1000).map(\.priority) == [.urgent])
        }
    }

    /// However many wait: those that are due are found by the index, and nothing else is read.
    @Test func parkedStepsAreFoundByTheirTime() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            try await fleet.pool.run(
                """
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag, not_before, wait_reason)
                SELECT 1000000 + n, 'task', 'task_analysis', 'manager', 'parked', 2, n, now() + interval '1 hour', 'backoff'
                FROM generate_series(1, 20000) n;
                ANALYZE steps
                """)
            let release = PostgresWorkflowStore.DispatchStatements.release.sql.replacing("$1", with: "1000")
            let plan = try await fleet.pool.texts("EXPLAIN \(release)").joined(separator: "\n")
            #expect(plan.contains("Index Cond: (not_before <= now())"), "\(plan)")
            #expect(!plan.contains("Seq Scan on steps"), "\(plan)")
        }
    }

    @Test func theSweepGivesBackWhatASilentWorkerHeldAndSaysSoInTheLedger() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample(), .sample()])
            let (dead, alive) = try await (fleet.worker("dead"), fleet.worker("alive"))
            let steps = try await fleet.claimAll(worker: dead)
            try await fleet.silence(dead)
            let report = try #require(try await fleet.scheduler.sweep(SweepPolicy()))
            #expect(report.takenOver == 2)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage WHERE outcome = 'lost'") == 2)
            #expect(try await fleet.claimAll(worker: alive).count == steps.count)
        }
    }

    @Test func aStepThatKeepsKillingItsWorkersIsQuarantined() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            for round in 1...3 {
                let worker = try await fleet.worker("worker \(round)")
                #expect(try await fleet.claimAll(worker: worker).count == 1)
                try await fleet.silence(worker)
                let report = try #require(try await fleet.scheduler.sweep(SweepPolicy()))
                #expect(report.dead == (round == 3 ? 1 : 0))
            }
            #expect(try await fleet.pool.texts("SELECT reason FROM dead_letters") == ["crash_loop"])
        }
    }

    @Test func ticketsThatAreNeitherClaimedNorQueuedAreIssuedAgain() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            let lost = try await fleet.scheduler.dispatch(limitPerQueue: 10)
            try await fleet.pool.run("UPDATE steps SET dispatched_at = now() - interval '5 seconds'")
            // Messages in the queue: it may be among them. No word from the broker: nothing is known.
            for depths in [["manager": 3], [:]] {
                let report = try await fleet.scheduler.sweep(SweepPolicy(queueDepths: depths))
                #expect(report?.reissued == 0)
            }
            let report = try await fleet.scheduler.sweep(SweepPolicy(queueDepths: ["manager": 0]))
            #expect(report?.reissued == 1)
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 10).map(\.stepID) == lost.map(\.stepID))
        }
    }

    @Test func aTaskWhoseWakeUpWasLostIsWokenUp() async throws {
        try await FleetFixture.run { fleet in
            let id = try await fleet.submit([.sample()])[0]
            let worker = try await fleet.worker()
            var generator = SeededGenerator(seed: 1)
            let settlements = try await fleet.claimAll(worker: worker).map { $0.succeeded(using: &generator) }
            _ = try await fleet.steps.settle(settlements, worker: worker)
            try await fleet.pool.run(
                "DELETE FROM task_wakeups; UPDATE tasks SET updated_at = now() - interval '1 minute'")
            #expect(try await fleet.scheduler.sweep(SweepPolicy())?.wokenUp == 1)
            try await fleet.advance()
            #expect(
                try await fleet.pool.texts("SELECT workflow_state FROM tasks WHERE task_id = '\(id)'")
                    == ["specialist_selection"])
        }
    }

    /// What one advance leaves of its ids the next one takes: overlapping ones do not hoard them.
    @Test func stepIDsAreNotHoarded() async throws {
        try await FleetFixture.run { fleet in
            let workflow = Workflow(catalogue: TestCatalogue.agents)
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 1000")
            for _ in 0..<20 {
                _ = try await fleet.tasks.submit((0..<20).map { _ in .sample() })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            _ = try await fleet.scheduler.advance(limit: 10, dispatchLimit: 0) {
                                workflow.advance($0, Workflow.Context(nextStepID: $1))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps") == 400)
            // 400 used, and at most what two advances of ten tasks have in hand, in blocks of 64.
            let reached = "SELECT (SELECT last_value FROM step_ids) - (SELECT min(step_id) FROM steps)"
            #expect(try await fleet.pool.integer(reached) < 1100)
        }
    }

    /// A finished task is in no list of open work; its owner's wish is found all the same.
    @Test(arguments: ["retry_requested = TRUE", "status = 'revision_pending'"])
    func aWishWhoseWakeUpWasLostIsFound(wish: String) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            try await fleet.pool.run(
                """
                UPDATE steps SET state = 'failed'; DELETE FROM task_wakeups;
                UPDATE tasks SET workflow_state = 'failed', status = 'failed', updated_at = now() - interval '1 minute';
                UPDATE tasks SET \(wish)
                """)
            #expect(try await fleet.scheduler.sweep(SweepPolicy())?.wokenUp == 1)
            #expect(try await fleet.scheduler.sweep(SweepPolicy())?.wokenUp == 0)
        }
    }

    @Test func aTicketFromTheDeadLetterExchangeIsRecorded() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.scheduler.recordDeadTicket(
                Self.dead(
                    "not json", [TicketDeath(queue: "agent.manager", reason: "rejected", count: 2, at: 1_500_000)]),
                reason: "rejected_ticket")
            #expect(try await fleet.pool.texts("SELECT payload #>> '{}' FROM dead_letters") == ["not json"])
            #expect(try await fleet.pool.texts("SELECT agent_type FROM dead_letters") == ["manager"])
            let deaths = try await fleet.pool.texts("SELECT deaths::text FROM dead_letters")
            #expect(
                try deaths.map { try JSONValue(parsing: $0) } == [
                    [
                        [
                            "queue": "agent.manager", "reason": "rejected", "count": 2,
                            "time": "1970-01-01T00:00:01.500000Z",
                        ]
                    ]
                ])
        }
    }

    private static func dead(_ body: String, _ deaths: [TicketDeath] = []) -> ReceivedTicket {
        ReceivedTicket(
            delivery: DeliveryID(generation: 1, tag: 1), queue: "agent.manager.dead", body: Array(body.utf8),
            isRedelivered: false, deaths: deaths)
    }

    /// Otherwise one message would stop the recording of all others.
    @Test(arguments: ["a\0b", #"{"step_id":1,"task_id":"a\u0000b"}"#, #"{"step_id":1e-20000}"#])
    func aDeadTicketThatTheDatabaseCannotHoldIsRecordedAsText(body: String) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.scheduler.recordDeadTicket(Self.dead(body), reason: "rejected_ticket")
            let expected = body.replacing("\0", with: "\u{FFFD}")
            #expect(try await fleet.pool.texts("SELECT payload #>> '{}' FROM dead_letters") == [expected])
        }
    }

    /// A row that nobody can read, and changes that the database refuses: neither holds up the other tasks.
    @Test(arguments: [
        ("UPDATE tasks SET workflow_state = 'unheard_of' WHERE title = 'bad'", "unheard_of"),
        ("ALTER TABLE steps ADD CHECK (kind <> 'specialist_selection' OR priority <> 1)", "check_violation"),
    ])
    func aTaskThatCannotBeAdvancedIsSetAside(damage: String, problem: String) async throws {
        try await FleetFixture.run { fleet in
            let ids = try await fleet.submit([
                .sample(title: "good"), .sample(title: "bad", priority: .high), .sample(title: "fine"),
            ])
            let worker = try await fleet.worker()
            var generator = SeededGenerator(seed: 1)
            let settlements = try await fleet.claimAll(worker: worker).map { $0.succeeded(using: &generator) }
            _ = try await fleet.steps.settle(settlements, worker: worker)
            try await fleet.pool.run(damage)

            let workflow = Workflow(catalogue: TestCatalogue.agents)
            let report = try await fleet.scheduler.advance(limit: 100, dispatchLimit: 10) {
                workflow.advance($0, Workflow.Context(nextStepID: $1))
            }
            #expect(report.stalled.map(\.taskID) == [ids[1]])
            #expect(report.stalled.first?.problem.contains(problem) == true)
            #expect(report.advanced == 2)
            #expect(report.wakeUps == 3)
            #expect(report.tickets.count == 2)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM task_wakeups") == 0)
            // Not forgotten: the sweep brings it back, and by then the cause may be gone.
            try await fleet.pool.run("UPDATE tasks SET updated_at = now() - interval '1 minute'")
            #expect(try await fleet.scheduler.sweep(SweepPolicy())?.wokenUp == 1)
        }
    }
}
