import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// A subtask is in progress from its execution's claim on, whatever else happens to its row at that moment.
@Suite(.timeLimit(.minutes(2))) struct SubtaskClaimTests {
    private static let subtasks =
        "SELECT concat_ws(' ', plan_key, status, started_at IS NOT NULL) FROM subtasks ORDER BY 1"

    @Test func aSubtaskIsInProgressFromItsClaimAndStartedThen() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            let worker = try await fleet.worker()
            var answers = FleetAnswers()
            answers.plan = [("s1", []), ("s2", [])]
            try await fleet.work(worker, answers, untilReady: .subtaskExecution)
            #expect(try await fleet.pool.texts(Self.subtasks) == ["s1 assigned f", "s2 assigned f"])
            let tickets = try await fleet.scheduler.dispatch(limitPerQueue: 1)
            let first = try #require(try await fleet.claim(tickets.map(\.stepID), worker: worker).first)
            #expect(try await fleet.pool.texts(Self.subtasks) == ["s1 in_progress t", "s2 assigned f"])
            let started = """
                SELECT count(*) FROM subtasks u JOIN steps s ON s.step_id = u.current_step_id WHERE u.started_at = s.started_at
                """
            #expect(try await fleet.pool.integer(started) == 1)

            // Sent back: it is worked on again from the next claim on; it was started when it was started.
            let before = try await fleet.pool.texts("SELECT started_at::text FROM subtasks WHERE plan_key = 's1'")
            _ = try await fleet.steps.settle([answers.settlement(of: first)], worker: worker)
            try await fleet.advance()
            #expect(try await fleet.pool.texts(Self.subtasks).first == "s1 in_progress t")
            let review = try #require(try await fleet.claimAll(worker: worker).first { $0.kind == .solutionReview })
            #expect(try await fleet.pool.texts(Self.subtasks).first == "s1 in_progress t")
            let low = Settlement(
                step: review, outcome: FleetAnswers.succeeded(review, FleetAnswers.review(6)), calls: [])
            _ = try await fleet.steps.settle([low], worker: worker)
            try await fleet.advance()
            #expect(try await fleet.pool.texts(Self.subtasks).first == "s1 needs_revision t")
            #expect(try await fleet.claimAll(worker: worker).count == 1)
            #expect(try await fleet.pool.texts(Self.subtasks).first == "s1 in_progress t")
            #expect(try await fleet.pool.texts("SELECT started_at::text FROM subtasks WHERE plan_key = 's1'") == before)
        }
    }

    @Test func aClaimOfAnotherStepThanTheSubtaskWaitsForChangesNothing() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            let worker = try await fleet.worker()
            try await fleet.work(worker, untilReady: .subtaskExecution)
            try await fleet.pool.run("UPDATE subtasks SET current_step_id = current_step_id + 1000000")
            #expect(try await fleet.claimAll(worker: worker).count == 2)
            #expect(
                try await fleet.pool.texts(Self.subtasks) == ["s1 assigned f", "s2 assigned f", "s3 pending f"])
        }
    }

    @Test func theEventOfASolutionHandedInShowsHowItBegins() async throws {
        try await FleetFixture.run { fleet in
            let id = try await fleet.submit([.sample()])[0]
            let worker = try await fleet.worker()
            var answers = FleetAnswers()
            answers.plan = [("s1", [])]
            let text = String(repeating: "é", count: 300)
            answers.override = { step in
                step.kind == .subtaskExecution ? FleetAnswers.succeeded(step, ["content": .string(text)]) : nil
            }
            try await fleet.work(worker, answers, untilReady: .solutionReview)
            let payloads = try await fleet.tasks.events(of: id, owner: nil, after: 0, limit: 100).map {
                try JSONValue(parsing: $0.payload)
            }
            let updates = payloads.filter { $0["type"]?.string == "subtask_update" }
            #expect(updates.map { $0["status"]?.string } == ["assigned", "in_progress"])
            #expect(updates.map { $0["result_preview"]?.string } == [nil, String(text.prefix(200))])
            #expect(
                payloads.first { $0["type"]?.string == "stage_transition" }?["from_stage"]?.string == "initialization")
        }
    }

    /// The scheduler has read the rows and decides; a worker claims another subtask's step; then the scheduler writes the
    /// rows that it has read.
    @Test func anAdvanceThatCrossesAClaimDoesNotUndoIt() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            let worker = try await fleet.worker()
            try await fleet.work(worker, untilReady: .subtaskExecution)
            let tickets = try await fleet.scheduler.dispatch(limitPerQueue: 10).map(\.stepID)
            try await fleet.pool.run("INSERT INTO task_wakeups (task_id) SELECT task_id FROM tasks")
            let claimed = BlockingSignal()
            let (decided, decide) = AsyncStream<Void>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let report = try await fleet.scheduler.advance(limit: 10, dispatchLimit: 0) { snapshot, _ in
                        decide.yield()
                        // On the connection's own thread: it may wait.
                        claimed.wait()
                        // Whatever the workflow may have to write: every row, from what was read.
                        let workflow = Workflow(catalogue: TestCatalogue.agents)
                        var touched = snapshot
                        touched.task.state = .pending
                        var advance = workflow.advance(touched, Workflow.Context(nextStepID: { 1 << 40 }))
                        advance?.task.state = snapshot.task.state
                        advance?.changedSubtasks = snapshot.subtasks
                        return advance
                    }
                    #expect(report.advanced == 1)
                }
                for await _ in decided { break }
                #expect(try await fleet.claim(tickets, worker: worker).count == 2)
                claimed.open()
                try await group.waitForAll()
            }
            #expect(
                try await fleet.pool.texts(Self.subtasks) == ["s1 in_progress t", "s2 in_progress t", "s3 pending f"])
        }
    }

    /// Schedulers, workers and owners at the same rows at the same time: nobody is a deadlock's victim, and at rest the rows
    /// say what is.
    @Test func claimsAdvancesAndCancelsNeitherDeadlockNorLoseAnUpdate() async throws {
        try await FleetFixture.runStrictly { fleet in
            let storm = FleetStorm(fleet: fleet)
            try await storm.blow(claims: 800, changes: 20)
            #expect(storm.problems == [])
            #expect(storm.claimed >= 800 && storm.changed >= 20)
            let lies = try await storm.lies()
            #expect(lies == [])
            // What is left runs to its end.
            try await storm.calm()
            let left = try await storm.lies()
            #expect(left == [])
            let open = try await fleet.pool.texts(
                """
                SELECT concat_ws(' ', task_id, workflow_state, (
                    SELECT string_agg(concat_ws(' ', kind, state, attempt, worker_id), ', ') FROM steps s
                    WHERE s.task_id = t.task_id AND state IN ('ready', 'dispatched', 'running', 'parked')))
                FROM tasks t WHERE workflow_state NOT IN ('completed', 'failed', 'cancelled')
                """)
            #expect(open == [])
        }
    }

    /// Both want all steps of the task and all of its subtasks, at the same moment.
    @Test func aClaimAndACancellationOfTheSameTaskWaitForEachOther() async throws {
        try await FleetFixture.runStrictly { fleet in
            let ids = try await fleet.submit((0..<60).map { _ in .sample() })
            let worker = try await fleet.worker(slots: 1000)
            var answers = FleetAnswers()
            answers.plan = (1...8).map { ("s\($0)", []) }
            try await fleet.work(worker, answers, untilReady: .subtaskExecution)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            let tickets = Dictionary(
                grouping: try await fleet.scheduler.dispatch(limitPerQueue: 1000), by: \.taskID)
            try #require(tickets.values.map(\.count) == Array(repeating: 8, count: 60))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in ids {
                    let steps = (tickets[id] ?? []).map(\.stepID)
                    group.addTask { _ = try await fleet.tasks.cancel(id, owner: nil) }
                    for part in [steps.prefix(4), steps.suffix(4)] {
                        group.addTask { _ = try await fleet.claim(Array(part), worker: worker) }
                    }
                }
                try await group.waitForAll()
            }
            let settled = try await fleet.pool.texts("SELECT DISTINCT status::text FROM subtasks")
            #expect(settled == ["cancelled"])
            let states = try await fleet.pool.texts(
                "SELECT DISTINCT state::text FROM steps WHERE subtask_id IS NOT NULL")
            #expect(Set(states).isSubset(of: ["cancelled", "running"]))
        }
    }
}
