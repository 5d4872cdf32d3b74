import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// Steps that nobody can do any more: their task or their agent type is gone. None of them stays open, and none keeps
/// others from going on.
@Suite(.timeLimit(.minutes(3))) struct StrandedWorkTests {
    /// Rows that somebody deletes by hand.
    @Test(arguments: ["ready", "dispatched", "parked", "running"])
    func aStepWhoseTaskIsGoneEnds(state: String) async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.pool.run(
                """
                UPDATE steps SET state = '\(state)', not_before = now() - interval '1 minute',
                    wait_reason = 'rate_limit_slot', dispatched_at = now() - interval '1 minute',
                    worker_id = \(state == "running" ? "\(worker)" : "NULL");
                DELETE FROM tasks
                """)
            if state == "running" {
                var generator = SeededGenerator(seed: 1)
                // The money was spent: it is booked, and nobody gets the answer.
                _ = try await fleet.steps.settle([step.succeeded(using: &generator)], worker: worker)
                #expect(try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage") == 1)
            } else {
                _ = try await fleet.scheduler.dispatch(limitPerQueue: 10)
                #expect(try await fleet.claim([step.stepID], worker: worker).isEmpty)
                _ = try await fleet.scheduler.releaseParked(limit: 10)
                _ = try await fleet.scheduler.sweep(SweepPolicy(ticketGrace: .zero, queueDepths: ["manager": 0]))
            }
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["cancelled"])
            try await fleet.advance()
            #expect(try await fleet.scheduler.releaseParked(limit: 10).nextDue == nil)
        }
    }

    /// And of a worker that died with it.
    @Test func aLostWorkersStepWhoseTaskIsGoneEnds() async throws {
        try await FleetFixture.run { fleet in
            let (_, worker) = try await fleet.claimFirst()
            try await fleet.pool.run("DELETE FROM tasks")
            try await fleet.silence(worker)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["cancelled"])
            #expect(try await fleet.pool.texts("SELECT outcome FROM ai_api_usage") == ["lost"])
        }
    }

    /// Due, and held by somebody: looked at again with the next tick, not at once for as long as that takes.
    @Test func aParkedStepThatSomebodyHoldsIsNoReasonToHurry() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            try await fleet.pool.run("UPDATE steps SET state = 'parked', not_before = now() - interval '1 minute'")
            try await fleet.holding("SELECT FROM steps FOR UPDATE") {
                let report = try await fleet.scheduler.releaseParked(limit: 10)
                #expect(report.nextDue == nil)
                #expect(report.released == 0)
            }
        }
    }

    /// A catalogue without the type: nothing is dispatched to a queue that nobody serves, and after a while the steps fail,
    /// so that the workflow goes another way.
    @Test(arguments: ["ready", "dispatched", "parked"])
    func stepsOfATypeThatLeftTheCatalogueFail(state: String) async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.submit([.sample()])[0]
            try await fleet.work(worker, untilReady: .subtaskExecution)
            let remaining = TestCatalogue.agents.agents.filter { $0.type != "financial_analyst" }
            try await fleet.scheduler.register(remaining, bounds: TestCatalogue.bounds)
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 10).isEmpty)
            try await fleet.pool.run(
                """
                UPDATE steps SET state = '\(state)', not_before = now() + interval '1 hour', wait_reason = 'backoff'
                WHERE state = 'ready'
                """)
            #expect(try await fleet.scheduler.sweep(SweepPolicy())?.withoutType == 0)
            try await fleet.pool.run("UPDATE agent_queues SET retired_at = retired_at - interval '2 minutes'")
            let report = try #require(try await fleet.scheduler.sweep(SweepPolicy()))
            #expect(report.withoutType > 0)
            #expect(
                try await fleet.pool.integer("SELECT count(*) FROM steps WHERE error LIKE 'unknown_agent_type: %'")
                    == report.withoutType)
            // It is there again: its queue is served, and the task comes to its end.
            try await fleet.scheduler.register(TestCatalogue.agents.agents, bounds: TestCatalogue.bounds)
            try await fleet.work(worker)
            #expect(
                try await fleet.pool.texts("SELECT workflow_state FROM tasks WHERE task_id = '\(id)'") == ["completed"])
        }
    }

    @Test func workersThatEndedADayAgoAreForgottenUnlessTheyHoldAStep() async throws {
        try await FleetFixture.run { fleet in
            let (_, holder) = try await fleet.claimFirst()
            let ended = try await fleet.worker("ended")
            _ = try await fleet.worker("alive")
            try await fleet.steps.retire(worker: ended)
            try await fleet.pool.run(
                """
                UPDATE workers SET heartbeat_at = now() - interval '25 hours', state = 'retired' WHERE name <> 'alive'
                """)
            // The sweep cannot take the step over right now.
            try await fleet.holding("SELECT FROM steps FOR UPDATE") {
                _ = try await fleet.scheduler.sweep(SweepPolicy())
            }
            #expect(
                try await fleet.pool.integer("SELECT count(*) FROM workers WHERE worker_id = \(holder)") == 1)
            #expect(try await fleet.pool.texts("SELECT name FROM workers ORDER BY name") == ["alive", "worker"])
        }
    }
}
