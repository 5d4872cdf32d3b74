import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import Synchronization

/// Work that nobody disturbs: before the parties begin, and after they have ended.
struct Calm {
    let stage: Stage
    let pool: PostgresPool
    private let scheduler: PostgresWorkflowStore
    private let steps: PostgresStepStore
    private let book: PostgresOperationBook
    private let answers = SmallAnswers(trouble: 0)

    init(stage: Stage, pool: PostgresPool) {
        self.stage = stage
        self.pool = pool
        scheduler = PostgresWorkflowStore(pool: pool)
        steps = PostgresStepStore(pool: pool)
        book = PostgresOperationBook(pool: pool)
    }

    /// Registers agents and workers, submits the first tasks and takes each as far as the plan says.
    func prepare() async throws -> [SharedWorker] {
        try await scheduler.register(TestCatalogue.agents.agents, bounds: TestCatalogue.bounds)
        let tasks = PostgresTaskRepository(pool: pool)
        var generator = SeededGenerator(seed: stage.plan.seed ^ 0xca11)
        let starts = stage.plan.headStarts
        for (index, rounds) in starts.enumerated() {
            let task = OwnerParty.task(
                "task_\(index + 1)", user: "user\(index % 2)", Priority.allCases[index % Priority.allCases.count])
            _ = try await tasks.submit([task])
            stage.journal.accept(task)
            let next = index + 1 < starts.count ? starts[index + 1] : 0
            try await work(try await worker(), rounds: rounds - next, using: &generator)
        }
        let stage = stage
        let report = try await scheduler.advance(limit: 100, dispatchLimit: 100, { stage.decide($0, $1) })
        stage.tickets.put(report.tickets.map(\.stepID))
        stage.tickets.put(try await scheduler.dispatch(limitPerQueue: 100).map(\.stepID))
        var workers: [SharedWorker] = []
        for number in 1...2 {
            let process = SharedWorker(number: number, id: try await worker())
            let tickets = stage.tickets.take(atMost: Int.random(in: 0...4, using: &generator), using: &generator)
            let claimed = try await claim(tickets, process.id)
            process.memory.withLock { memory in
                memory.held = claimed.map { SharedWorker.Held(step: $0, worker: memory.id) }
            }
            workers.append(process)
        }
        return workers
    }

    /// The parties' workers end what they hold or die of it; then one that nothing happens to does all that is left.
    func finish(_ workers: [SharedWorker]) async throws {
        var generator = SeededGenerator(seed: stage.plan.seed ^ 0xe11d)
        for process in workers {
            let held = process.memory.withLock { $0.held }
            for held in held {
                guard Bool.random(using: &generator), !held.isWaiting else {
                    let attempt = Journal.Attempt(stepID: held.step.stepID, number: held.step.attempt)
                    stage.journal.write { $0.abandoned.insert(attempt) }
                    continue
                }
                let outcome = answers.outcome(of: held.step, using: &generator)
                try await stage.settle([(held.step, outcome)], worker: held.worker, steps)
            }
        }
        try await pool.withSession { session in
            try session.executeSimple("UPDATE workers SET heartbeat_at = now() - interval '2 hours'")
        }
        try await endPauses()
        try await work(try await worker(), rounds: 200, using: &generator)
    }

    /// What an operator has paused would never end.
    private func endPauses() async throws {
        let control = PostgresQueueControl(pool: pool)
        for hold in try await control.holds() {
            _ = try await control.resume(hold.scope, OperatorAction(actor: "operator", reason: "it is over"))
        }
    }

    /// A letter whose task was at work is looked at again after some seconds, which have passed now.
    private func letLettersBeDue() async throws {
        try await pool.withSession { session in
            try session.executeSimple("UPDATE dead_letters SET replay_due = NULL WHERE replay_due IS NOT NULL")
        }
    }

    private func worker() async throws -> Int {
        try await steps.register(name: "calm", agentTypes: TestCatalogue.agents.agents.map(\.type), slots: 50)
    }

    /// Rounds of everything that there is to do; ends early when there is nothing.
    private func work(_ worker: Int, rounds: Int, using generator: inout SeededGenerator) async throws {
        for _ in 0..<rounds {
            var isIdle = true
            let sweep = try await scheduler.sweep(
                SweepPolicy(lease: Stage.lease, ticketGrace: .zero, queueDepths: Stage.depths(0)))
            if let sweep, !sweep.isEmpty { isIdle = false }
            try await letLettersBeDue()
            if try await book.continueOperations().begun > 0 { isIdle = false }
            var tickets = try await scheduler.releaseParked(limit: 100).tickets
            let stage = stage
            while true {
                let report = try await scheduler.advance(limit: 100, dispatchLimit: 100, { stage.decide($0, $1) })
                guard report.wakeUps > 0 || report.admitted > 0 else { break }
                isIdle = false
                tickets += report.tickets
                for (taskID, problem) in report.stalled {
                    stage.journal.write { $0.errors.append("\(taskID) is set aside: \(problem)") }
                }
            }
            tickets += try await scheduler.dispatch(limitPerQueue: 100)
            let late = stage.tickets.take(atMost: 1000, using: &generator)
            let requests = tickets.map { ClaimRequest(stepID: $0.stepID, isRedelivered: false) } + late
            if !requests.isEmpty {
                isIdle = false
                try await claimAndSettle(requests, worker, &generator)
            }
            if isIdle { return }
        }
    }

    private func claimAndSettle(
        _ requests: [ClaimRequest], _ worker: Int, _ generator: inout SeededGenerator
    ) async throws {
        let claimed = try await claim(requests, worker)
        guard !claimed.isEmpty else { return }
        try await stage.settle(
            claimed.map { ($0, answers.outcome(of: $0, using: &generator)) }, worker: worker, steps)
    }

    private func claim(_ requests: [ClaimRequest], _ worker: Int) async throws -> [ClaimedStep] {
        let now = stage.interleaver.now
        var claimed: [ClaimedStep] = []
        for case .claimed(let step) in try await steps.claim(requests, worker: worker, deadAfter: Stage.lease) {
            claimed.append(step)
            let attempt = Journal.Attempt(stepID: step.stepID, number: step.attempt)
            stage.journal.write {
                $0.claims.append(
                    Journal.Claim(
                        attempt: attempt, worker: worker, taskID: step.taskID, began: now, ended: now, isUnheard: false)
                )
            }
        }
        return claimed
    }
}
