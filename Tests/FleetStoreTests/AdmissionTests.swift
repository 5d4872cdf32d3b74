import FleetCore
import FleetTesting
import PostgresClient
import TestServers
import Testing

@testable import FleetStore

/// New tasks are taken up by priority and fair share, as far as the queue that they begin with has room.
@Suite(.timeLimit(.minutes(3))) struct AdmissionTests {
    /// One advance, with the workflow.
    private func advance(_ fleet: FleetFixture, limit: Int = 100) async throws -> AdvanceReport {
        let workflow = Workflow(catalogue: TestCatalogue.agents)
        return try await fleet.scheduler.advance(limit: limit, dispatchLimit: 0) {
            workflow.advance($0, Workflow.Context(nextStepID: $1))
        }
    }

    private func users(_ fleet: FleetFixture) async throws -> [String] {
        try await fleet.pool.texts(
            "SELECT t.user_id FROM steps s JOIN tasks t USING (task_id) WHERE s.state = 'ready' ORDER BY t.user_id")
    }

    @Test func anUrgentTaskPassesABacklogThatWasHandedInBefore() async throws {
        try await FleetFixture.run { fleet in
            _ = try await fleet.tasks.submit((0..<500).map { _ in .sample("crowd", priority: .low) })
            _ = try await fleet.tasks.submit([.sample("boss", priority: .urgent)])
            #expect(try await advance(fleet, limit: 10).admitted == 1)
            #expect(try await users(fleet) == ["boss"])
        }
    }

    @Test func noMoreAreAdmittedThanTheFirstQueueHasRoomForAndLessUrgentOnesTakeNone() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 10")
            try await fleet.submit((0..<50).map { _ in .sample("low", priority: .low) })
            #expect(try await users(fleet).count == 20)
            try await fleet.submit((0..<50).map { _ in .sample("high", priority: .high) })
            #expect(try await users(fleet).count == 40)
            // What has gone out makes room: for the more urgent ones.
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 5).allSatisfy { $0.priority == .high })
            #expect(try await advance(fleet).admitted == 5)
            #expect(try await users(fleet).count { $0 == "high" } == 20)
        }
    }

    @Test func usersAreAdmittedInTurn() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 3")
            _ = try await fleet.tasks.submit((0..<50).map { _ in .sample("busy") })
            _ = try await fleet.tasks.submit((0..<50).map { _ in .sample("late") })
            try await fleet.advance()
            #expect(try await users(fleet) == ["busy", "busy", "busy", "late", "late", "late"])
        }
    }

    /// A backlog does not keep a task that runs from its next step.
    @Test func runningTasksGoOnWhileOthersWait() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            _ = try await fleet.tasks.submit((0..<500).map { _ in .sample() })
            var generator = SeededGenerator(seed: 1)
            _ = try await fleet.steps.settle([step.succeeded(using: &generator)], worker: worker)
            let report = try await advance(fleet, limit: 1)
            #expect(report.wakeUps == 1)
            #expect(report.admitted == 1)
            #expect(
                try await fleet.pool.texts("SELECT workflow_state FROM tasks WHERE task_id = '\(step.taskID)'")
                    == ["specialist_selection"])
        }
    }

    /// A new task whose row nobody can read, or whose first step the database refuses.
    @Test(arguments: [
        "UPDATE tasks SET current_stage = 'initialization', priority = 'high', analysis = '3' WHERE title = 'bad'",
        "ALTER TABLE steps ADD CHECK (priority <> 1)",
    ])
    func aNewTaskThatCannotBeAdvancedHoldsUpNobody(damage: String) async throws {
        try await FleetFixture.run { fleet in
            let ids = try await fleet.tasks.submit([
                .sample(title: "bad", priority: .high), .sample(title: "good", priority: .high), .sample(title: "fine"),
            ]).map(\.id)
            try await fleet.pool.run(damage)
            if damage.contains("CHECK") {
                try await fleet.pool.run("UPDATE tasks SET priority = 'medium' WHERE title = 'good'")
            }
            try await fleet.advance()
            let waiting = try await fleet.pool.texts("SELECT task_id FROM tasks WHERE workflow_state = 'pending'")
            #expect(waiting.isEmpty || waiting == [ids[0]])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps") == 3 - waiting.count)
            // Not forgotten: its turn comes again.
            try await fleet.pool.run(
                "UPDATE tasks SET updated_at = now() - interval '1 minute' WHERE workflow_state = 'pending'")
            #expect(try await advance(fleet).admitted == waiting.count)
        }
    }

    /// The sweep would wake all of them, behind which every outcome would wait.
    @Test func theSweepLeavesNewTasksToTheirAdmission() async throws {
        try await FleetFixture.run { fleet in
            _ = try await fleet.tasks.submit((0..<10).map { _ in .sample() })
            try await fleet.pool.run("UPDATE tasks SET updated_at = now() - interval '1 hour'")
            #expect(try await fleet.scheduler.sweep(SweepPolicy())?.wokenUp == 0)
        }
    }

    @Test func whatWaitsCountsAsLoadOfTheTypeThatItBeginsWith() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 2")
            try await fleet.submit((0..<10).map { _ in .sample() })
            _ = try await fleet.scheduler.dispatch(limitPerQueue: 1)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            let load = try await fleet.scheduler.load().sorted { $0.state.rawValue < $1.state.rawValue }
            #expect(
                load == [
                    QueueLoad(agentType: "manager", state: .dispatched, steps: 1),
                    QueueLoad(agentType: "manager", state: .ready, steps: 9),
                ])
            // Counted once in a while for all schedulers, however often they look.
            try await fleet.submit([.sample()])
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.scheduler.load().reduce(0) { $0 + $1.steps } == 10)
            try await fleet.pool.run("UPDATE queue_loads SET counted_at = now() - interval '6 seconds'")
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.scheduler.load().reduce(0) { $0 + $1.steps } == 11)
        }
    }

    /// Begins where the last ones were, and yet finds one that was committed late.
    @Test func wakeUpsAreLookedForWhereTheLastOnesWere() {
        let start = ContinuousClock.now
        var cursor = WakeUpCursor(at: start)
        #expect(cursor.begin(at: start) == 0)
        cursor.took(lowest: 500)
        cursor.took(lowest: 700)
        #expect(cursor.begin(at: start + .milliseconds(500)) == 0)
        #expect(cursor.begin(at: start + .milliseconds(1100)) == 499)
        #expect(cursor.begin(at: start + .milliseconds(2200)) == 499)
        #expect(cursor.begin(at: start + .milliseconds(3100)) == 0)
        #expect(cursor.begin(at: start + .milliseconds(3200)) == 499)
    }
}
