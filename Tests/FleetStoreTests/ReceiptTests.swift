import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// Receipts of tasks that have really run through the stores.
@Suite(.timeLimit(.minutes(2))) struct ReceiptTests {
    @Test func aReceiptHoldsEveryCallOfItsTaskAndAgreesWithTheLedger() async throws {
        try await FleetFixture.run { fleet in
            let ids = try await fleet.submit([.sample(), .sample()])
            try await Self.work(fleet)
            var sentBack = 0
            for id in ids {
                let receipt = try await fleet.tasks.receipt(of: id, owner: "u1")
                #expect(receipt.task.status.isTerminal)
                #expect(receipt.differences.isEmpty)
                let rows = try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage WHERE task_id = '\(id)'")
                #expect(receipt.entries.count == rows)
                #expect(receipt.total.cost == (try await fleet.tasks.detail(of: id, owner: nil)).cost)
                #expect(receipt.total.cost.proved < receipt.total.cost.expected)
                #expect(receipt.total.cost.expected < receipt.total.cost.atMost)
                for part in [receipt.byKind, receipt.byModel, receipt.byPurpose] {
                    #expect(part.reduce(0) { $0 + $1.cost.atMost.millionths } == receipt.total.cost.atMost.millionths)
                    #expect(part.reduce(0) { $0 + $1.calls } == receipt.total.calls)
                }
                #expect(
                    receipt.byKind.map(\.name).prefix(3) == [
                        "task_analysis", "specialist_selection", "task_decomposition",
                    ])
                let executions = receipt.steps.filter { $0.facts.kind == "subtask_execution" }
                #expect(executions.allSatisfy { $0.facts.subtaskKey != nil && $0.facts.subtaskTitle != nil })
                sentBack += executions.count { $0.again == .needsRevision || $0.again == .rejected }
                let versions = executions.filter { $0.facts.version ?? 1 > 1 }
                #expect(versions.allSatisfy { $0.again != nil })
            }
            #expect(sentBack > 0)
        }
    }

    @Test func theFirstAnalysisSaysThatItsWorkerWasLostAndWhatWasCut() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.steps.retire(worker: worker)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            let other = try await fleet.worker("other")
            let again = try #require(try await fleet.claimAll(worker: other).first)
            var call = again.call(outcome: "timed_out", .nothing, billed: .unknown, httpStatus: nil)
            (call.promptVersion, call.cuts) = ("0123456789ab", #"[{"what":"context","kept":120,"of":530}]"#)
            let outcome = StepOutcome.failed(error: "no")
            _ = try await fleet.steps.settle([Settlement(step: again, outcome: outcome, calls: [call])], worker: other)

            let receipt = try await fleet.tasks.receipt(of: step.taskID, owner: nil)
            let calls = try #require(receipt.steps.first?.calls)
            #expect(calls.map(\.entry.outcome) == ["lost", "timed_out"])
            #expect(calls.map(\.after) == [nil, "lost"])
            #expect(calls[0].entry.account.basis == .ambiguous)
            #expect(calls[0].entry.account.hold == TestCatalogue.bounds[step.agentType, .taskAnalysis])
            let entry = calls[1].entry
            #expect(entry.account == call.account)
            #expect(entry.promptVersion == "0123456789ab")
            #expect(entry.cuts?.array?.first?["kept"]?.int == 120)
            #expect(entry.duration == .milliseconds(5))
            #expect(receipt.byPurpose.map(\.name) == ["lost", "work"])
        }
    }

    @Test func aCostThatWasTamperedWithIsShown() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            var generator = SeededGenerator(seed: 1)
            _ = try await fleet.steps.settle([step.succeeded(using: &generator)], worker: worker)
            #expect(try await fleet.tasks.receipt(of: step.taskID, owner: nil).differences.isEmpty)
            try await fleet.pool.run("UPDATE ai_api_usage SET cost_usd = cost_usd + 0.000001")
            let checks = try await fleet.tasks.receipt(of: step.taskID, owner: nil).differences.map(\.check)
            #expect(checks == [.differs(Decimal6(millionths: 200))])
            try await fleet.pool.run("UPDATE ai_api_usage SET price_rates = NULL")
            #expect(
                try await fleet.tasks.receipt(of: step.taskID, owner: nil).differences.map(\.check) == [.impossible])
        }
    }

    @Test func anothersReceiptIsNotThere() async throws {
        try await FleetFixture.run { fleet in
            let id = try await fleet.submit([.sample("u1")])[0]
            #expect(try await fleet.tasks.receipt(of: id, owner: "u1").steps.isEmpty)
            for (task, owner) in [(id, "u2"), ("task_none", nil)] {
                let error = await #expect(throws: TaskRepositoryError.self) {
                    try await fleet.tasks.receipt(of: task, owner: owner)
                }
                #expect(error?.isNotFound == true)
            }
        }
    }

    /// Works off everything that is there, with poor answers and calls of all kinds.
    private static func work(_ fleet: FleetFixture) async throws {
        let worker = try await fleet.worker()
        var generator = SeededGenerator(seed: 3)
        var answers = ScriptedAnswers()
        answers.lowScore = 0.5
        for _ in 0..<200 {
            let steps = try await fleet.claimAll(worker: worker)
            guard !steps.isEmpty else { return }
            let settlements = steps.map { step in
                let answer = answers.answer(step.kind, using: &generator)
                let text = answer.serialized()
                var repair = step.call(2)
                repair.purpose = .repair
                let first =
                    step.stepID.isMultiple(of: 2)
                    ? step.call(outcome: "timed_out", .nothing, billed: .unknown, httpStatus: nil)
                    : step.call(outcome: "invalid_answer")
                return Settlement(
                    step: step,
                    outcome: .succeeded(
                        StepOutcome.Answer(
                            json: text, content: answer["content"]?.string ?? text, confidence: 0.9,
                            version: (step.input.subjectVersion ?? 0) + 1)),
                    calls: [first, repair])
            }
            _ = try await fleet.steps.settle(settlements, worker: worker)
            try await fleet.advance()
        }
        Issue.record("the tasks have no end")
    }
}
