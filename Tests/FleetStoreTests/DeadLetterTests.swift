import FleetCore
import FleetStore
import Foundation
import JSON
import PostgresClient
import TestServers
import Testing

/// Dead letters: what they keep, and how they are tried again.
@Suite(.timeLimit(.minutes(2)))
struct DeadLetterTests {
    private static let action = OperatorAction(actor: "olga", reason: "the prompt was mended")

    /// A step of each task ends dead, and the task with it.
    private func withDeadTasks(
        _ count: Int,
        _ body: @escaping @Sendable (FleetFixture, PostgresDeadLetterDesk, PostgresOperationBook) async throws -> Void
    ) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<count).map { _ in .sample() })
            try await fleet.pool.run(
                """
                INSERT INTO dead_letters (step_id, task_id, subtask_id, kind, agent_type, reason, error, error_code, attempt,
                                          payload, model)
                SELECT step_id, task_id, subtask_id, kind, agent_type, 'retries_exhausted', 'invalid_answer: no JSON',
                       'invalid_answer', 6, '{}', 'gpt' FROM steps;
                UPDATE steps SET state = 'dead', error = 'invalid_answer: no JSON', finished_at = now();
                UPDATE tasks SET status = 'failed', workflow_state = 'failed', current_step_id = NULL, completed_at = now(),
                    limitations = '["it failed"]';
                DELETE FROM task_wakeups
                """)
            try await body(
                fleet, PostgresDeadLetterDesk(pool: fleet.pool), PostgresOperationBook(pool: fleet.pool))
        }
    }

    @Test func lettersThatDiedOfTheSameThingAreOneGroup() async throws {
        try await withDeadTasks(5) { fleet, desk, _ in
            try await fleet.pool.run("UPDATE dead_letters SET model = 'other' WHERE dead_letter_id = 1")
            let groups = try await desk.groups()
            #expect(groups.map(\.count) == [4, 1])
            #expect(groups.map(\.model) == ["gpt", "other"])
            #expect(groups.first?.tasks == 4 && groups.first?.errorCode == "invalid_answer")
            let fingerprint = try #require(groups.first?.fingerprint)
            #expect(try await desk.letters(.fingerprint(fingerprint), limit: 10).count == 4)
        }
    }

    /// Otherwise different faults would be one group.
    @Test func theCodeOfALetterIsThatOfItsFailureAlsoBeforeAStatus() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<3).map { _ in .sample() })
            let worker = try await fleet.worker()
            let errors = [
                ModelFailure(.refused, status: 400, message: "flagged").description,
                ModelFailure(.invalidRequest, message: "too long").description, "Nobody knows: why",
            ]
            let settlements = zip(try await fleet.claimAll(worker: worker), errors).map { step, error in
                Settlement(step: step, outcome: .failed(error: error), calls: [])
            }
            _ = try await fleet.steps.settle(settlements, worker: worker)
            let codes = try await fleet.pool.texts("SELECT error_code FROM dead_letters ORDER BY error_code")
            #expect(codes == ["failed", "invalid_request", "refused"])
            #expect(try await PostgresDeadLetterDesk(pool: fleet.pool).groups().count == 3)
        }
    }

    /// A model that nobody names was found out after the question had been answered.
    @Test func anUnknownModelIsToldBeforeAnythingIsAsked() async throws {
        try await withDeadTasks(1) { _, desk, _ in
            await #expect(throws: OperatorError.self) { try await desk.preview(.all, ReplayOptions(model: "nobody")) }
        }
    }

    @Test func whatIsClosedIsSaidToBe() async throws {
        try await withDeadTasks(2) { fleet, desk, _ in
            let ids = try await desk.letters(.all, limit: 10).map(\.id)
            #expect(try await desk.discard(.ids(ids), Self.action) == 2)
            for again in [
                { try await desk.discard(.ids(ids), Self.action) },
                { try await desk.replay(.ids(ids), ReplayOptions(), Self.action).matched },
                { try await desk.edit(ids[0], description: "x", ReplayOptions(), Self.action).matched },
            ] as [@Sendable () async throws -> Int] {
                let error = await #expect(throws: OperatorError.self) { _ = try await again() }
                #expect(error?.code == .conflict && error?.description.contains("(discarded)") == true)
            }
            let error = await #expect(throws: OperatorError.self) {
                _ = try await desk.discard(.ids([0]), Self.action)
            }
            #expect(error?.code == .notFound)
            _ = fleet
        }
    }

    /// What is being replayed is not taken by a second replay, whoever asks.
    @Test func aLetterIsInOneReplayAtATime() async throws {
        try await withDeadTasks(3) { _, desk, book in
            let first = try await desk.replay(.all, ReplayOptions(), Self.action)
            #expect(first.matched == 3 && first.state == .running)
            await #expect(throws: OperatorError.self) { try await desk.replay(.all, ReplayOptions(), Self.action) }
            #expect(try await desk.preview(.all, ReplayOptions()).taken == 3)
            #expect(try await book.continueOperations().begun == 3)
            // Begun once, however often it is looked at.
            #expect(try await book.continueOperations().begun == 0)
        }
    }

    @Test func aReplayAsksTheTasksToTryAgainAndEndsWithThem() async throws {
        try await withDeadTasks(3) { fleet, desk, book in
            await #expect(throws: OperatorError.self) {
                try await desk.replay(.all, ReplayOptions(model: "better"), Self.action)
            }
            try await fleet.pool.run("UPDATE agents SET model_config = '{\"models\": [\"better\"]}' WHERE is_active")
            let operation = try await desk.replay(.all, ReplayOptions(model: "better"), Self.action)
            #expect(try await book.continueOperations().begun == 3)
            #expect(
                try await fleet.pool.integer(
                    "SELECT count(*) FROM tasks WHERE retry_requested AND preferred_model = 'better' AND checkpoint IS NOT NULL"
                )
                    == 3)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM task_wakeups") == 3)
            // Two succeed, one dies again.
            try await fleet.pool.run(
                """
                INSERT INTO steps (step_id, task_id, subtask_id, kind, agent_type, state, priority, fair_tag, finished_at)
                SELECT -dead_letter_id, task_id, subtask_id, kind, agent_type, 'succeeded', 2, 1, now() + interval '1 second'
                FROM dead_letters WHERE dead_letter_id < 3;
                UPDATE tasks t SET retry_requested = FALSE, status = 'completed', workflow_state = 'completed'
                FROM dead_letters l WHERE l.task_id = t.task_id AND l.dead_letter_id < 3;
                INSERT INTO dead_letters (step_id, task_id, subtask_id, kind, agent_type, reason, error_code)
                SELECT step_id, task_id, subtask_id, kind, agent_type, reason, error_code FROM dead_letters
                WHERE dead_letter_id = 3
                """)
            _ = try await book.continueOperations()
            let ended = try #require(try await book.operation(operation.id))
            #expect(ended.state == .done && ended.done == 2 && ended.failed == 1 && ended.begun == 3)
            let open = try await desk.letters(.all, limit: 10)
            #expect(open.map(\.replays) == [1], "the newer letter stands for the one that died again")
            #expect(try await fleet.pool.integer("SELECT count(*) FROM audit_log WHERE actor = 'olga'") == 1)
        }
    }

    @Test func aReplayKeepsItsRate() async throws {
        try await withDeadTasks(10) { fleet, desk, book in
            let operation = try await desk.replay(.all, ReplayOptions(ratePerMinute: 60), Self.action)
            let first = try await book.continueOperations().begun
            #expect((1...2).contains(first))
            // As if it had begun four seconds ago: four more are due.
            try await fleet.pool.run("UPDATE operations SET started_at = started_at - interval '4 seconds'")
            let second = try await book.continueOperations().begun
            #expect((3...6).contains(second), "\(second)")
            #expect(try await book.operation(operation.id)?.begun == first + second)
        }
    }

    @Test func nothingFollowsACanaryThatDies() async throws {
        try await withDeadTasks(4) { fleet, desk, book in
            let operation = try await desk.replay(.all, ReplayOptions(hasCanary: true), Self.action)
            #expect(try await book.continueOperations().begun == 1)
            #expect(try await book.continueOperations().begun == 0)
            try await fleet.pool.run("UPDATE tasks SET retry_requested = FALSE")
            #expect(try await book.continueOperations().begun == 0)
            let paused = try #require(try await book.operation(operation.id))
            #expect(paused.state == .paused && paused.failed == 1)
            #expect(paused.problem?.contains("canary") == true)
            #expect(try await book.change(operation.id, to: .cancelled, Self.action).skipped == 3)
            // They are free again.
            #expect(try await desk.preview(.all, ReplayOptions()).taken == 0)
        }
    }

    @Test func tasksThatAreAtWorkAreWaitedFor() async throws {
        try await withDeadTasks(2) { fleet, desk, book in
            try await fleet.pool.run(
                "UPDATE tasks SET status = 'in_progress', workflow_state = 'specialist_execution'")
            #expect(try await desk.preview(.all, ReplayOptions()).atWork == 2)
            let operation = try await desk.replay(.all, ReplayOptions(), Self.action)
            #expect(try await book.continueOperations().begun == 0)
            try await fleet.pool.run(
                """
                UPDATE tasks SET status = 'failed', workflow_state = 'failed';
                UPDATE dead_letters SET replay_due = now()
                """)
            #expect(try await book.continueOperations().begun == 2)
            #expect(try await book.operation(operation.id)?.state == .running)
        }
    }

    @Test func discardedAndEditedLettersKeepWhatTheyWere() async throws {
        try await withDeadTasks(2) { fleet, desk, _ in
            _ = try await desk.edit(1, description: "Another description of the task", ReplayOptions(), Self.action)
            #expect(
                try await fleet.pool.integer(
                    "SELECT count(*) FROM tasks WHERE description = 'Another description of the task'") == 1)
            let payload = try #require(try await desk.letter(1)?.payload)
            #expect(try JSONValue(parsing: payload)["original_description"]?.string?.isEmpty == false)
            #expect(try await desk.discard(.ids([2]), Self.action) == 1)
            #expect(try await desk.letter(2)?.resolution == "discarded")
            await #expect(throws: OperatorError.self) { try await desk.discard(.ids([2]), Self.action) }
            await #expect(throws: OperatorError.self) {
                try await desk.edit(99, description: "x", ReplayOptions(), Self.action)
            }
        }
    }
}
