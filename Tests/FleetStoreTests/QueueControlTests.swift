import FleetCore
import FleetStore
import PostgresClient
import TestServers
import Testing

/// Pauses and purges.
@Suite(.timeLimit(.minutes(2)))
struct QueueControlTests {
    private static let action = OperatorAction(actor: "olga", reason: "the model is being changed")

    private func withSteps(
        _ body: @escaping @Sendable (FleetFixture, PostgresQueueControl, String) async throws -> Void
    ) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<6).map { .sample($0 < 3 ? "anna" : "otto") })
            let type = try #require(try await fleet.pool.texts("SELECT DISTINCT agent_type::text FROM steps").first)
            try await body(fleet, PostgresQueueControl(pool: fleet.pool), type)
        }
    }

    @Test func aPausedTypeSendsNothingOutUntilItGoesOn() async throws {
        try await withSteps { fleet, control, type in
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 2).count == 2)
            let (hold, isNew) = try await control.pause(.agentType(type), Self.action)
            #expect(isNew && hold.actor == "olga" && hold.reason == Self.action.reason)
            // What was out already is taken back.
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps WHERE state = 'dispatched'") == 0)
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).isEmpty)
            #expect(try await control.pause(.agentType(type), Self.action).isNew == false)
            #expect(try await control.resume(.agentType(type), Self.action))
            #expect(try await control.resume(.agentType(type), Self.action) == false)
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 6)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM audit_log") == 2)
        }
    }

    /// A reserved turn in a limit skips the queue; it had skipped the pause as well.
    @Test(arguments: [true, false]) func aTurnThatHasComeDoesNotPassAPause(isOfType: Bool) async throws {
        try await withSteps { fleet, control, type in
            try await fleet.pool.run(
                """
                UPDATE steps SET state = 'parked', wait_reason = 'rate_limit_slot', not_before = now() - interval '1 s'
                """)
            let scope: Hold.Scope = isOfType ? .agentType(type) : .user("anna")
            _ = try await control.pause(scope, Self.action)
            #expect(try await fleet.scheduler.releaseParked(limit: 100).tickets.count == (isOfType ? 0 : 3))
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).isEmpty)
            #expect(try await control.resume(scope, Self.action))
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == (isOfType ? 6 : 3))
        }
    }

    @Test func onlyThePausedUsersWorkWaits() async throws {
        try await withSteps { fleet, control, _ in
            _ = try await control.pause(.user("anna"), Self.action)
            // Steps that became ready after the pause are set aside by the dispatch itself.
            try await fleet.pool.run("UPDATE steps SET state = 'ready', wait_reason = NULL WHERE state = 'parked'")
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 3)
            #expect(
                try await fleet.pool.integer(
                    "SELECT count(*) FROM steps WHERE state = 'parked' AND wait_reason = 'paused' AND not_before IS NULL"
                ) == 3)
            // A command that dies after the pause is lifted: the sweep makes up for it.
            try await fleet.pool.run("DELETE FROM holds")
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 3)
        }
    }

    @Test func onlyThePausedBatchWaits() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample(batch: "night"), .sample(batch: "day")])
            let control = PostgresQueueControl(pool: fleet.pool)
            let night = try #require(
                try await fleet.pool.texts("SELECT batch_id::text FROM batches WHERE name = 'night'").first)
            #expect(
                try await control.pause(.batch(night), Self.action).hold.scope.resumeCommand.hasSuffix(
                    "--batch \(night)"))
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 1)
            #expect(
                try await PostgresWaitReader(pool: fleet.pool).batch("night")?.explanations.first?.reason == "pause")
            #expect(try await control.resume(.batch(night), Self.action))
            #expect(try await fleet.scheduler.dispatch(limitPerQueue: 100).count == 1)
            await #expect(throws: OperatorError.self) { try await control.pause(.batch("none"), Self.action) }
        }
    }

    @Test func aPurgeTakesWhatWasCounted() async throws {
        try await withSteps { fleet, control, type in
            let count = try await control.countPurge(type)
            #expect(count.steps == 6 && count.tasks == 6)
            try await fleet.pool.run(
                "UPDATE steps SET created_at = now() + interval '1 minute' WHERE step_id = (SELECT max(step_id) FROM steps)"
            )
            #expect(try await control.purge(type, count, Self.action) == 5)
            #expect(
                try await fleet.pool.integer(
                    "SELECT count(*) FROM steps WHERE state = 'cancelled' AND error LIKE 'purged by olga: %'") == 5)
            #expect(try await fleet.pool.integer("SELECT count(DISTINCT task_id) FROM task_wakeups") >= 5)
            await #expect(throws: OperatorError.self) { try await control.countPurge("nobody") }
        }
    }

    @Test func whyNamesThePauseAndHowToLiftIt() async throws {
        try await withSteps { fleet, control, type in
            let reader = PostgresWaitReader(pool: fleet.pool)
            let task = try #require(
                try await fleet.pool.texts("SELECT task_id::text FROM tasks WHERE user_id = 'anna'").first)
            _ = try await control.pause(.user("anna"), Self.action)
            let step = try #require(try await reader.task(task)?.openSteps.first)
            #expect(step.explanation.reason == "pause")
            #expect(step.explanation.start == "mixmyai queue resume --user anna")
            _ = try await control.resume(.user("anna"), Self.action)
            let free = try #require(try await reader.step(step.stepID))
            #expect(free.explanation.reason == (free.queue?.workers == 0 ? "no_worker" : "fair_share"))
            try await fleet.pool.run("UPDATE steps SET agent_type = 'stranger' WHERE step_id = \(step.stepID)")
            #expect(try await reader.step(step.stepID)?.explanation.reason == "unknown_type")
            #expect(try await reader.step(0) == nil)
            #expect(type != "stranger")
        }
    }

    /// A reason without words would be a blank line at three in the morning.
    @Test(arguments: StepOutcome.WaitReason.allCases) func everyWaitReasonHasItsSentence(reason: StepOutcome.WaitReason)
    {
        let explanation = reason.explanation(since: 1, until: 2, error: nil)
        #expect(explanation.reason == reason.rawValue)
        #expect(explanation.what.count > 10 && explanation.start.count > 3)
    }

    @Test func queuesAreCountedFromTheRows() async throws {
        try await withSteps { fleet, control, type in
            _ = try await fleet.scheduler.dispatch(limitPerQueue: 2)
            try await fleet.pool.run(
                """
                INSERT INTO dead_letters (agent_type, reason) VALUES ('\(type)', 'crash_loop');
                UPDATE steps SET state = 'parked', wait_reason = 'circuit_open' WHERE step_id = (
                    SELECT max(step_id) FROM steps WHERE state = 'ready')
                """)
            let queue = try #require(
                try await PostgresQueueReader(pool: fleet.pool).queues().first { $0.agentType == type })
            #expect(queue.ready == 3 && queue.dispatched == 2 && queue.parked == ["circuit_open": 1] && queue.dead == 1)
            #expect(queue.pause == nil && queue.oldestAge != nil)
            _ = try await control.pause(.agentType(type), Self.action)
            #expect(
                try await PostgresQueueReader(pool: fleet.pool).queues().first { $0.agentType == type }?.pause?.actor
                    == "olga")
        }
    }
}
