import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// Answers that a test decides on; everything else is answered as it should be.
struct FleetAnswers: Sendable {
    /// Keys of the plan's subtasks, each with the keys that it depends on.
    var plan: [(key: String, dependencies: [String])] = [("s1", []), ("s2", []), ("s3", ["s1", "s2"])]
    /// What is answered instead; nil: the usual.
    var override: @Sendable (ClaimedStep) -> StepOutcome? = { _ in nil }

    func settlement(of step: ClaimedStep) -> Settlement {
        var generator = SeededGenerator(seed: 1)
        var answer = ScriptedAnswers().answer(step.kind, using: &generator)
        if step.kind == .taskDecomposition { answer = ["subtasks": .array(plan.map(Self.subtask))] }
        let outcome = override(step) ?? Self.succeeded(step, answer)
        return Settlement(step: step, outcome: outcome, calls: [step.call()])
    }

    static func succeeded(_ step: ClaimedStep, _ answer: JSONValue) -> StepOutcome {
        let text = answer.serialized()
        return .succeeded(
            StepOutcome.Answer(
                json: text, content: answer["content"]?.string ?? text, confidence: 0.9,
                version: (step.input.subjectVersion ?? 0) + 1))
    }

    /// A review with the same score four times.
    static func review(_ score: Double) -> JSONValue {
        let scores = ["completeness", "accuracy", "relevance", "quality"].map { ($0, JSONValue.double(score)) }
        var object = JSONObject()
        for (key, value) in scores { object[key] = value }
        return ["scores": .object(object), "feedback": "Read it.", "revision_requests": ["More."]]
    }

    private static func subtask(_ node: (key: String, dependencies: [String])) -> JSONValue {
        [
            "subtask_id": .string(node.key), "title": .string("Part \(node.key)"), "description": "Do it.",
            "deliverable": "A text.", "covers": ["R1", "R2"], "priority": "medium", "complexity": "simple",
            "assigned_specialist": "financial_analyst", "dependencies": .strings(node.dependencies),
        ]
    }
}

extension FleetFixture {
    /// As ``run(_:)``, but a deadlock is an error and not tried again.
    static func runStrictly(_ body: @escaping @Sendable (FleetFixture) async throws -> Void) async throws {
        try await NewDatabase.run { url, admin in
            _ = try await Migrator(pool: admin).migrate()
            var configuration = try PostgresConfiguration(url: url)
            configuration.maximumConnections = 12
            configuration.transactionRetries = 0
            try await withPool(configuration) { pool in
                let fleet = FleetFixture(
                    pool: pool, tasks: PostgresTaskRepository(pool: pool), scheduler: PostgresWorkflowStore(pool: pool),
                    steps: PostgresStepStore(pool: pool))
                try await fleet.scheduler.register(TestCatalogue.agents.agents, bounds: TestCatalogue.bounds)
                try await body(fleet)
            }
        }
    }

    /// Gives a running step to somebody else, as both do it who may: the sweep after its worker's end, or another worker that
    /// the ticket came to while its own is silent.
    func takeOver(_ step: ClaimedStep, from worker: Int, bySweep: Bool) async throws {
        if bySweep {
            try await steps.retire(worker: worker)
            _ = try await scheduler.sweep(SweepPolicy())
        } else {
            try await silence(worker)
            let other = try await self.worker("other")
            #expect(try await claim([step.stepID], worker: other, redelivered: true).count == 1)
        }
    }

    /// Lets a worker do everything, round by round: until nothing is left, so many rounds long, or until a step of a kind
    /// is ready.
    func work(
        _ worker: Int, _ answers: FleetAnswers = FleetAnswers(), rounds: Int = 200, untilReady kind: StepKind? = nil
    ) async throws {
        for _ in 0..<rounds {
            try await advance()
            if let kind {
                let ready = "SELECT count(*) FROM steps WHERE state = 'ready' AND kind = '\(kind.rawValue)'"
                if try await pool.integer(ready) > 0 { return }
            }
            let steps = try await claimAll(worker: worker)
            if steps.isEmpty { return }
            _ = try await self.steps.settle(steps.map(answers.settlement), worker: worker)
        }
        try await advance()
    }

    /// A task that has come to its end.
    func finished(_ worker: Int, _ answers: FleetAnswers = FleetAnswers(), _ task: NewTask = .sample()) async throws
        -> String
    {
        let id = try await submit([task])[0]
        try await work(worker, answers)
        return id
    }
}
