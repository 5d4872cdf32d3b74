import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// What the rows of agents say of their work.
@Suite(.timeLimit(.minutes(2))) struct AgentTallyTests {
    private static let agents = """
        SELECT concat_ws(' ', agent_id, total_tasks_completed, coalesce(average_rating::text, '-')) FROM agents
        WHERE total_tasks_completed > 0 ORDER BY agent_id
        """

    /// Brings the agents' rows up to date as if a minute had passed.
    private func fold(_ fleet: FleetFixture) async throws {
        try await fleet.pool.run("UPDATE agent_tallies SET counted_at = now() - interval '61 seconds'")
        _ = try await fleet.scheduler.sweep(SweepPolicy())
    }

    @Test func acceptedSubtasksAndFinishedTasksAreCounted() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            for _ in 0..<2 { _ = try await fleet.finished(worker) }
            #expect(try await fleet.pool.texts(Self.agents) == [])
            try await fold(fleet)
            // Two tasks of three subtasks, each reviewed with 8.
            let first = ["analyst 2 -", "coordinator 2 -", "financial_analyst 6 8.00", "manager 2 -"]
            #expect(try await fleet.pool.texts(Self.agents) == first)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM agent_tallies") == 0)

            var answers = FleetAnswers()
            answers.plan = [("s1", []), ("s2", [])]
            answers.override = { step in
                step.kind == .solutionReview ? FleetAnswers.succeeded(step, FleetAnswers.review(10)) : nil
            }
            _ = try await fleet.finished(worker, answers)
            try await fold(fleet)
            let second = ["analyst 3 -", "coordinator 3 -", "financial_analyst 8 8.50", "manager 3 -"]
            #expect(try await fleet.pool.texts(Self.agents) == second)
        }
    }

    @Test func theyAreBroughtUpToDateOnceAMinuteAtMost() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            _ = try await fleet.finished(worker)
            for _ in 0..<3 { _ = try await fleet.scheduler.sweep(SweepPolicy()) }
            #expect(try await fleet.pool.texts(Self.agents) == [])
            // The oldest is a minute old: all of it is due, and what comes then waits for another minute.
            let oldest = "UPDATE agent_tallies SET counted_at = now() - interval '61 seconds' WHERE tally_id = 1"
            try await fleet.pool.run(oldest)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.pool.texts(Self.agents).count == 4)
            _ = try await fleet.finished(worker)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.pool.texts(Self.agents).last == "manager 1 -")
        }
    }

    /// The substitute failed too, and the first one's version had to do: it is the first one's work.
    @Test func workCountsForWhoDidIt() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            var answers = FleetAnswers()
            answers.plan = [("s1", [])]
            answers.override = { step in
                switch step.kind {
                case .solutionReview: FleetAnswers.succeeded(step, FleetAnswers.review(4))
                case .subtaskExecution where step.agentType != "financial_analyst": .failed(error: "refused")
                default: nil
                }
            }
            let id = try await fleet.finished(worker, answers)
            let subtask = try #require(try await fleet.tasks.detail(of: id, owner: nil).subtasks.first)
            #expect(subtask.status == .completed && subtask.isPartial)
            #expect(subtask.specialist != "financial_analyst")
            try await fold(fleet)
            #expect(try await fleet.pool.texts(Self.agents).contains("financial_analyst 1 4.00"))
        }
    }

    @Test func aTypeThatHasLeftTheCatalogueIsInactive() async throws {
        try await FleetFixture.run { fleet in
            let agents = TestCatalogue.agents.agents
            try await fleet.scheduler.register(
                agents.filter { $0.type != "data_scientist" }, bounds: TestCatalogue.bounds)
            #expect(try await fleet.pool.texts("SELECT agent_id FROM agents WHERE NOT is_active") == ["data_scientist"])
            #expect(try await !fleet.tasks.agentTypes().map(\.type).contains("data_scientist"))
            try await fleet.scheduler.register(agents, bounds: TestCatalogue.bounds)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM agents WHERE NOT is_active") == 0)
        }
    }
}
