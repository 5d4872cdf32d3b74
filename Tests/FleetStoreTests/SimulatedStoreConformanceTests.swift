import FleetCore
import FleetSimulation
import FleetStore
import FleetTesting
import PostgresClient
import Synchronization
import Testing

/// The simulated rows behave as the real ones: one random sequence of operations on both, every answer compared.
@Suite(.timeLimit(.minutes(3))) struct SimulatedStoreConformanceTests {
    @Test(arguments: UInt64(1)...6) func bothGiveTheSameAnswers(seed: UInt64) async throws {
        try await FleetFixture.run { fleet in
            let simulated = SimulatedDatabase(clock: Self.wallClock)
            var twins = StoreTwins(fleet: fleet, simulated: simulated, seed: seed)
            try await twins.begin()
            for _ in 0..<1200 { try await twins.operate() }
            #expect(twins.differences.isEmpty, "\(twins.differences.prefix(5))")

            try await fleet.expectTheRows(of: simulated)
            let steps = simulated.stepLines
            let ledger = try await fleet.pool.texts(
                """
                SELECT concat_ws(' ', task_id, kind, attempt, call_number, outcome, purpose, cost_basis,
                                 coalesce(prompt_tokens::text, '-'), coalesce(completion_tokens::text, '-'),
                                 coalesce(estimated_input_tokens::text, '-'), coalesce(estimated_output_tokens::text, '-'),
                                 coalesce(cache_read_tokens::text, '-'), coalesce(reasoning_tokens::text, '-'),
                                 coalesce(cost_usd::text, '-'), coalesce(estimate_usd::text, '-'),
                                 coalesce(hold_usd::text, '-'), coalesce(price_id, '-'), coalesce(price_rates, '-'))
                FROM ai_api_usage
                """)
            #expect(ledger.sorted() == simulated.ledgerLines)
            for basis in ["reported", "estimated", "none"] {
                #expect(ledger.contains { $0.contains(" \(basis) ") }, "no row is \(basis)")
            }
            // The sequence has got somewhere.
            #expect(steps.count { $0.contains(" succeeded ") } > 20)
        }
    }

    /// Finished tasks that their owners revise, try again, and change their minds about, wherever the work has come to.
    @Test(arguments: UInt64(1)...4) func bothGoBackAlike(seed: UInt64) async throws {
        try await FleetFixture.run { fleet in
            let simulated = SimulatedDatabase(clock: Self.wallClock)
            var twins = StoreTwins(fleet: fleet, simulated: simulated, seed: seed)
            try await twins.begin()
            for _ in 0..<3 { try await twins.submit() }
            try await twins.work(rounds: 60)
            try await fleet.expectTheRows(of: simulated)
            for _ in 0..<20 {
                try await twins.askForMore()
                try await twins.work(rounds: Int.random(in: 0...6, using: &twins.generator))
                try await fleet.expectTheRows(of: simulated)
                try await twins.cancelSomething()
                try await fleet.expectTheRows(of: simulated)
            }
            try await twins.work(rounds: 60)
            #expect(twins.differences.isEmpty, "\(twins.differences.prefix(5))")
            try await fleet.expectTheRows(of: simulated)
            let revisions = Set(simulated.revisionLines.map { $0.split(separator: " ")[1] })
            #expect(revisions.isSuperset(of: ["cancelled", "completed"]))
        }
    }

    /// What a limiter without memory counts: calls in the ledger, and twice each attempt of which nobody knows whether
    /// it called, because its worker was lost or has been silent.
    @Test func bothReadTheLastMinuteAlike() async throws {
        try await FleetFixture.run { fleet in
            let time = Mutex(1_767_225_600_000_000)
            let simulated = SimulatedDatabase(clock: { time.withLock { $0 } })
            try await simulated.workflowStore.register(TestCatalogue.agents.agents, bounds: TestCatalogue.bounds)
            let tasks = (1...3).map { number in
                NewTask(
                    id: "task_\(number)", userID: "user",
                    submission: TaskSubmission(
                        title: "Task \(number)", description: "What has to be done, at length.", priority: .medium))
            }
            _ = try await fleet.tasks.submit(tasks)
            simulated.submit(tasks)
            let key = RateLimitKey(provider: "openai", credential: "c", limitClass: "test")
            let models = [TestCatalogue.model]
            let real = try await Self.work(fleet.scheduler, fleet.steps) { worker in
                try await fleet.silence(worker)
                return try await LedgerReader(pool: fleet.pool, models: models).recentUse(of: key)
            }
            let other = try await Self.work(simulated.workflowStore, simulated.stepStore) { _ in
                time.withLock { $0 += 2_000_000 }
                return simulated.recentUse(of: key, models: models)
            }
            // As the ledger counts it, estimates too; what is not known counts as the mean of all that: of 100, 150,
            // 290.
            let expected = [
                "task_1 1-1 100 20", "task_1 1-2 150 70", "task_1 1-3 290 70", "task_1 1-4 0 0", "task_2 1-1 180 53",
                "task_2 1-2 180 53", "task_3 1-1 180 53", "task_3 1-2 180 53",
            ]
            #expect(real == expected)
            #expect(other == expected)
        }
    }

    /// One step is settled, one is taken from a worker that has retired, one is held by a worker that falls silent.
    private static func work(
        _ scheduler: any WorkflowStore, _ steps: any StepStore, _ recentUse: (Int) async throws -> RecentUse
    ) async throws -> [String] {
        let workflow = Workflow(catalogue: TestCatalogue.agents)
        let report = try await scheduler.advance(limit: 10, dispatchLimit: 10) {
            workflow.advance($0, Workflow.Context(nextStepID: $1))
        }
        let tickets = report.tickets.sorted { $0.taskID < $1.taskID }
        let types = TestCatalogue.agents.agents.map(\.type)
        let silent = try await steps.register(name: "silent", agentTypes: types, slots: 9)
        let lost = try await steps.register(name: "lost", agentTypes: types, slots: 9)
        var claimed: [ClaimedStep] = []
        for (ticket, worker) in zip(tickets, [silent, lost, silent]) {
            let results = try await steps.claim(
                [ClaimRequest(stepID: ticket.stepID, isRedelivered: false)], worker: worker, deadAfter: .seconds(1))
            for case .claimed(let step) in results { claimed.append(step) }
        }
        try #require(claimed.count == 3)
        // Cut short before a word of usage, cut short after it, and an error, which is not counted.
        let seen = ReportedUsage(TokenUsage(uncachedInputTokens: 290, outputTokens: 5), isFinal: false)
        let calls = [
            claimed[0].call(), claimed[0].call(2, outcome: "truncated", .nothing, billed: .unknown),
            claimed[0].call(3, outcome: "truncated", seen, billed: .unknown),
            claimed[0].call(4, outcome: "server_error", .nothing, billed: .no, httpStatus: 500),
        ]
        let refused = Settlement(step: claimed[0], outcome: .failed(error: "refused"), calls: calls)
        _ = try await steps.settle([refused], worker: silent)
        try await steps.retire(worker: lost)
        _ = try await scheduler.sweep(SweepPolicy())
        let names = Dictionary(uniqueKeysWithValues: claimed.map { ("step-\($0.stepID)-", $0.taskID) })
        return try await recentUse(silent).calls.map { call in
            let name = try #require(names.first { call.holder.hasPrefix($0.key) })
            return "\(name.value) \(call.holder.dropFirst(name.key.count)) \(call.usage.inputTokens)"
                + " \(call.usage.outputTokens)"
        }.sorted()
    }

    @Sendable private static func wallClock() -> Int {
        let elapsed = (ContinuousClock.now - start).components
        return 1_767_225_600_000_000 + Int(elapsed.seconds) * 1_000_000 + Int(elapsed.attoseconds / 1_000_000_000_000)
    }

    private static let start = ContinuousClock.now
}
