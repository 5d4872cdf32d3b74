import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// The stores of scheduler and worker on one database, with a workflow between them.
struct FleetFixture: Sendable {
    let pool: PostgresPool
    let tasks: PostgresTaskRepository
    let scheduler: PostgresWorkflowStore
    let steps: PostgresStepStore

    /// The year 2096, in microseconds since 1970.
    static let later = 4_000_000_000_000_000

    /// Runs a test on a database of its own, with the agents of the test catalogue registered.
    static func run(_ body: @escaping @Sendable (FleetFixture) async throws -> Void) async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let fixture = FleetFixture(
                pool: pool, tasks: tasks, scheduler: PostgresWorkflowStore(pool: pool),
                steps: PostgresStepStore(pool: pool))
            try await fixture.scheduler.register(TestCatalogue.agents.agents, bounds: TestCatalogue.bounds)
            try await body(fixture)
        }
    }

    /// Submits tasks and lets the workflow create their first steps.
    @discardableResult
    func submit(_ new: [NewTask]) async throws -> [String] {
        let ids = try await tasks.submit(new).map(\.id)
        try await advance()
        return ids
    }

    /// Advances until nothing is left to advance.
    func advance() async throws {
        let workflow = Workflow(catalogue: TestCatalogue.agents)
        while try await !scheduler.advance(
            limit: 100, dispatchLimit: 0,
            {
                workflow.advance($0, Workflow.Context(nextStepID: $1))
            }
        ).isEmpty {}
    }

    /// Dispatches and claims everything that is ready.
    func claimAll(worker: Int) async throws -> [ClaimedStep] {
        let tickets = try await scheduler.dispatch(limitPerQueue: 1000)
        return try await claim(tickets.map(\.stepID), worker: worker)
    }

    /// A new task's first step, claimed by a new worker.
    func claimFirst() async throws -> (step: ClaimedStep, worker: Int) {
        try await submit([.sample()])
        let worker = try await worker()
        return (try #require(try await claimAll(worker: worker).first), worker)
    }

    func claim(_ ids: [Int], worker: Int, redelivered: Bool = false) async throws -> [ClaimedStep] {
        try await steps.claim(
            ids.map { ClaimRequest(stepID: $0, isRedelivered: redelivered) }, worker: worker, deadAfter: .seconds(1)
        ).compactMap { result in
            if case .claimed(let step) = result { step } else { nil }
        }
    }

    func worker(_ name: String = "worker", slots: Int = 100) async throws -> Int {
        try await steps.register(name: name, agentTypes: TestCatalogue.agents.agents.map(\.type), slots: slots)
    }

    /// Holds the locks of a statement while `body` runs.
    func holding(_ sql: String, _ body: () async throws -> Void) async throws {
        let release = BlockingSignal()
        let (isHeld, held) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await pool.transaction { session in
                    try session.executeSimple(sql)
                    held.yield()
                    release.wait()
                }
            }
            for await _ in isHeld { break }
            defer { release.open() }
            try await body()
        }
    }

    /// Returns when as many sessions of this database wait for others' locks.
    func waitForBlockedSessions(_ count: Int) async throws {
        let blocked = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        try await askUntil { try await pool.integer(blocked) >= count }
    }

    /// Makes a worker look as if it had been silent for a minute.
    func silence(_ worker: Int) async throws {
        try await pool.run(
            "UPDATE workers SET heartbeat_at = now() - interval '60 seconds' WHERE worker_id = \(worker)")
    }
}

extension ClaimedStep {
    /// A settlement with an answer of the right shape and one paid call.
    func succeeded(using generator: inout SeededGenerator) -> Settlement {
        let answer = ScriptedAnswers().answer(kind, using: &generator)
        let text = answer.serialized()
        return Settlement(
            step: self,
            outcome: .succeeded(
                StepOutcome.Answer(
                    json: text, content: answer["content"]?.string ?? text, confidence: 0.9,
                    version: (input.subjectVersion ?? 0) + 1)),
            calls: [call()])
    }

    /// A call of 100 and 20 tokens, or one of which the provider has said something else.
    func call(
        _ number: Int = 1, outcome: String = "succeeded",
        _ reported: ReportedUsage = ReportedUsage(TokenUsage(uncachedInputTokens: 100, outputTokens: 20)),
        billed: Billed = .yes, httpStatus: Int? = 200
    ) -> CallRecord {
        CallRecord(
            number: number, provider: "openai", model: "test-model",
            account: CallAccount(
                reported, of: TestCatalogue.model, on: "2026-11-22", billed: billed,
                isCounted: (httpStatus ?? 0) < 300, expected: TokenEstimate(inputTokens: 150, outputTokens: 70),
                bound: TokenEstimate(inputTokens: 400, outputTokens: 1000)),
            outcome: outcome, httpStatus: httpStatus, providerRequestID: "req_\(stepID)",
            duration: .milliseconds(5))
    }
}
