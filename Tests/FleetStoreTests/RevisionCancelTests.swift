import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// A revision or a retry that is cancelled, at any point of its way: the task is what it was, to the last column.
@Suite(.timeLimit(.minutes(3))) struct RevisionCancelTests {
    /// How a task has come to its end.
    enum End: String, CaseIterable, Sendable {
        case completed
        case partial = "partial_completion"
        case failed

        var answers: FleetAnswers {
            var answers = FleetAnswers()
            let end = self
            answers.override = { step in
                switch (end, step.kind) {
                // The last subtask fails, whoever tries it.
                case (.partial, .subtaskExecution)
                where step.material.subtasks.contains { $0.id == step.subtaskID && $0.key == "s3" }:
                    .failed(error: "refused")
                case (.failed, .subtaskExecution): .failed(error: "refused")
                default: nil
                }
            }
            return answers
        }
    }

    /// The rows of a task except what rises with every change.
    private func rows(_ id: String, _ fleet: FleetFixture) async throws -> [String] {
        try await fleet.pool.texts(
            """
            SELECT (to_jsonb(t) - ARRAY['event_seq', 'cancel_epoch', 'updated_at', 'last_plan_number'])::text
            FROM tasks t WHERE task_id = '\(id)'
            UNION ALL
            SELECT x FROM (
                SELECT (to_jsonb(s) - 'updated_at')::text AS x FROM subtasks s JOIN tasks t USING (task_id, plan_number)
                WHERE task_id = '\(id)' ORDER BY ordinal) y
            """)
    }

    private func answer(_ id: String, _ fleet: FleetFixture) async throws -> TaskAnswer? {
        try await fleet.tasks.result(of: id, owner: nil).answer
    }

    /// Asks for something, lets it come so many rounds far, and cancels it.
    private func cancelled(
        _ id: String, _ fleet: FleetFixture, after rounds: Int, worker: Int, _ ask: () async throws -> Void
    ) async throws -> TaskChange {
        try await ask()
        if rounds > 0 { try await fleet.work(worker, rounds: rounds - 1) }
        // One step is running, if there is one: its worker hears of it and settles it.
        let running = rounds > 0 ? try await fleet.claimAll(worker: worker) : []
        let change = try await fleet.tasks.cancel(id, owner: nil)
        let heartbeat = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 1))
        #expect(Set(heartbeat.cancelledSteps) == Set(running.map(\.stepID)))
        let settlements = running.map { FleetAnswers().settlement(of: $0) }
        _ = try await fleet.steps.settle(settlements, worker: worker)
        try await fleet.advance()
        return change
    }

    @Test(arguments: End.allCases, [RevisionScope.fullTask, .specificSubtasks, .finalAnswer])
    func aCancelledRevisionLeavesNothingBehind(end: End, scope: RevisionScope) async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.finished(worker, end.answers)
            let (before, answer) = try await (rows(id, fleet), answer(id, fleet))
            #expect(try await fleet.tasks.detail(of: id, owner: nil).summary.status.rawValue == end.rawValue)
            var reached: Set<String> = []
            for rounds in 0..<12 {
                let epoch = try await fleet.pool.integer("SELECT cancel_epoch FROM tasks")
                var change: TaskChange?
                do {
                    change = try await cancelled(id, fleet, after: rounds, worker: worker) {
                        let asked = try await fleet.tasks.revise(
                            id, owner: nil, RevisionRequest(request: "More.", priority: .high, scope: scope))
                        #expect(asked.status == .revisionPending)
                        #expect(try await self.answer(id, fleet) == answer)
                    }
                } catch let error as TaskRepositoryError where error.isConflict {
                    // It was done before it could be cancelled.
                    break
                }
                #expect(change?.cancelled == .revision)
                #expect(change?.revisionID?.hasPrefix("rev_") == true)
                #expect(change?.status.rawValue == end.rawValue)
                let after = try await rows(id, fleet)
                #expect(after == before, "after \(rounds) rounds")
                #expect(try await self.answer(id, fleet) == answer)
                #expect(try await fleet.pool.integer("SELECT cancel_epoch FROM tasks") == epoch + 1)
                let events = try (change?.events ?? []).map { try JSONValue(parsing: $0.payload) }
                #expect(events.last?["status"]?.string == end.rawValue)
                reached.insert(events.first?["from_stage"]?.string ?? "-")
                let open = "SELECT count(*) FROM steps WHERE state IN ('ready', 'dispatched', 'running', 'parked')"
                #expect(try await fleet.pool.integer(open) == 0)
                let later = """
                    SELECT count(*) FROM subtasks s JOIN tasks t USING (task_id)
                    WHERE s.plan_number > t.plan_number AND s.status NOT IN ('completed', 'failed', 'cancelled')
                    """
                #expect(try await fleet.pool.integer(later) == 0)
            }
            #expect(reached.contains("-") && reached.contains("synthesis"))
            if scope == .fullTask {
                #expect(reached.isSuperset(of: ["task_analysis", "specialist_execution", "coordination"]))
            }
            let revisions = try await fleet.pool.texts("SELECT DISTINCT status::text FROM revisions ORDER BY 1")
            #expect(revisions == ["cancelled", "completed"])

            // It goes on as ever.
            _ = try await fleet.tasks.revise(id, owner: nil, RevisionRequest(request: "More.", scope: .fullTask))
            try await fleet.work(worker)
            let detail = try await fleet.tasks.detail(of: id, owner: nil)
            #expect(detail.summary.status == .completed)
            #expect(detail.answer != nil && detail.answer != answer)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM tasks WHERE checkpoint IS NOT NULL") == 0)
            let gaps =
                "SELECT count(*) FROM tasks t WHERE event_seq <> (SELECT count(*) FROM events e WHERE e.task_id = t.task_id)"
            #expect(try await fleet.pool.integer(gaps) == 0)
        }
    }

    /// The manager is asked how far the revision reaches: the workflow has not moved yet.
    @Test(arguments: [End.completed, .failed], [0, 1, 2])
    func aRevisionThatIsBeingScopedIsCancelled(end: End, rounds: Int) async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.finished(worker, end.answers)
            let before = try await rows(id, fleet)
            let change = try await cancelled(id, fleet, after: rounds, worker: worker) {
                _ = try await fleet.tasks.revise(id, owner: nil, RevisionRequest(request: "More."))
            }
            #expect(change.cancelled == .revision)
            #expect(try await rows(id, fleet) == before)
            let scopings = "SELECT coalesce(string_agg(state, ' '), '') FROM steps WHERE kind = 'revision_scoping'"
            #expect(try await fleet.pool.texts(scopings) == [["", "cancelled", "succeeded"][rounds]])
        }
    }

    @Test(arguments: [End.partial, .failed])
    func aCancelledRetryLeavesNothingBehind(end: End) async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.finished(worker, end.answers)
            let before = try await rows(id, fleet)
            for rounds in 0..<4 {
                let change = try await cancelled(id, fleet, after: rounds, worker: worker) {
                    _ = try await fleet.tasks.retry(id, owner: nil)
                }
                #expect(change.cancelled == .retry)
                #expect(change.revisionID == nil)
                #expect(change.status.rawValue == end.rawValue)
                #expect(try await rows(id, fleet) == before, "after \(rounds) rounds")
                // One that has not begun has changed nothing that anybody has heard of.
                #expect(change.events.isEmpty == (rounds == 0))
            }
            _ = try await fleet.tasks.retry(id, owner: nil)
            try await fleet.work(worker)
            #expect(try await fleet.tasks.detail(of: id, owner: nil).summary.status == .completed)
        }
    }

    /// A task that failed before it had a plan starts again with a retry.
    @Test func aCancelledRetryOfATaskWithoutAPlanGoesBackToNone() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            var answers = FleetAnswers()
            answers.override = { $0.kind == .taskAnalysis ? .failed(error: "refused") : nil }
            let id = try await fleet.finished(worker, answers)
            let before = try await rows(id, fleet)
            _ = try await fleet.tasks.retry(id, owner: nil)
            try await fleet.work(worker, untilReady: .subtaskExecution)
            _ = try await fleet.tasks.cancel(id, owner: nil)
            #expect(try await rows(id, fleet) == before)
            #expect(try await fleet.pool.texts("SELECT DISTINCT status::text FROM subtasks") == ["cancelled"])
            _ = try await fleet.tasks.retry(id, owner: nil)
            try await fleet.work(worker)
            #expect(try await fleet.tasks.detail(of: id, owner: nil).summary.status == .completed)
        }
    }

    /// A scheduler that reads the revisions before it has the task would begin one that was cancelled meanwhile.
    @Test func aRevisionCancelledJustBeforeAnAdvanceDoesNotBegin() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.finished(worker)
            let before = try await rows(id, fleet)
            for _ in 0..<60 {
                _ = try await fleet.tasks.revise(id, owner: nil, RevisionRequest(request: "More.", scope: .fullTask))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await fleet.tasks.cancel(id, owner: nil) }
                    for _ in 0..<3 { group.addTask { try await fleet.advance() } }
                    try await group.waitForAll()
                }
                try await fleet.advance()
                #expect(try await rows(id, fleet) == before)
            }
            let open = "SELECT count(*) FROM steps WHERE state IN ('ready', 'dispatched', 'running', 'parked')"
            #expect(try await fleet.pool.integer(open) == 0)
        }
    }

    @Test func stepsOfARevisionHaveItsPriorityAndItsPlaceInTheFlow() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let id = try await fleet.finished(worker)
            // The flow has moved on, and the clock of the urgent ones stands elsewhere.
            try await fleet.pool.run("UPDATE fair_clocks SET virtual_time = 500 WHERE priority = 0")
            _ = try await fleet.tasks.revise(
                id, owner: nil, RevisionRequest(request: "More.", priority: .urgent, scope: .finalAnswer))
            try await fleet.work(worker)
            let steps = try await fleet.pool.texts(
                "SELECT DISTINCT concat_ws(' ', priority, fair_tag) FROM steps ORDER BY 1")
            #expect(steps == ["0 501", "2 1"])
            _ = try await fleet.tasks.revise(id, owner: nil, RevisionRequest(request: "More.", scope: .finalAnswer))
            try await fleet.advance()
            let newest = "SELECT concat_ws(' ', priority, fair_tag) FROM steps ORDER BY step_id DESC LIMIT 1"
            #expect(try await fleet.pool.texts(newest) == ["2 2"])
        }
    }
}
