import FleetCore
import FleetSimulation
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import Synchronization
import Testing

/// The same stores twice, and what one has said that the other has not.
struct StoreTwins {
    /// A step as the two know it.
    private struct Held {
        var real: ClaimedStep
        var simulated: ClaimedStep
        var worker: Int
    }

    let fleet: FleetFixture
    let simulated: SimulatedDatabase
    private(set) var differences: [String] = []
    var generator: SeededGenerator
    /// Real ids by simulated ones.
    private var ids: [Int: Int] = [:]
    private var held: [Held] = []
    private var tickets: [Int] = []
    private var taskIDs: [String] = []
    /// Workers by place: real and simulated id.
    private var workers: [(real: Int, simulated: Int)] = []
    private var answers = ScriptedAnswers()

    init(fleet: FleetFixture, simulated: SimulatedDatabase, seed: UInt64) {
        self.fleet = fleet
        self.simulated = simulated
        generator = SeededGenerator(seed: seed)
        answers.lowScore = 0.3
        answers.badPlan = 0.2
        answers.disapproval = 0.2
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &generator) }

    private mutating func compare(_ what: String, _ real: String, _ simulated: String) {
        if real != simulated { differences.append("\(what): \(real), simulated: \(simulated)") }
    }

    mutating func begin() async throws {
        try await simulated.workflowStore.register(TestCatalogue.agents.agents, bounds: TestCatalogue.bounds)
        for _ in 0..<2 { try await addWorker() }
    }

    private mutating func addWorker() async throws {
        let types = TestCatalogue.agents.agents.map(\.type)
        workers.append(
            (
                try await fleet.steps.register(name: "w", agentTypes: types, slots: 20),
                try await simulated.stepStore.register(name: "w", agentTypes: types, slots: 20)
            ))
    }

    mutating func operate() async throws {
        switch roll(18) {
        case 0: try await submit()
        case 1, 2, 3: try await advance()
        case 4, 5: try await dispatch()
        case 6, 7, 8: try await claim()
        case 9, 10, 11, 12: try await settle()
        case 13: try await release()
        case 14: try await disturb()
        case 15, 16: try await noteWait()
        default: try await sweep()
        }
    }

    mutating func submit() async throws {
        guard taskIDs.count < 8 else { return }
        let number = taskIDs.count + 1
        let priority = Priority.allCases[roll(4)]
        let task = NewTask(
            id: "task_\(number)", userID: "user\(roll(2))",
            submission: TaskSubmission(
                title: "Task \(number)", description: "What has to be done, at length.", priority: priority))
        _ = try await fleet.tasks.submit([task])
        simulated.submit([task])
        taskIDs.append(task.id)
    }

    private mutating func advance(limit: Int = 3) async throws {
        let workflow = Workflow(catalogue: TestCatalogue.agents)
        let decide: Decision = {
            workflow.advance($0, Workflow.Context(nextStepID: $1))
        }
        let real = try await fleet.scheduler.advance(limit: limit, dispatchLimit: 2, decide)
        let other = try await simulated.workflowStore.advance(limit: limit, dispatchLimit: 2, decide)
        compare(
            "advance",
            "\(real.wakeUps) \(real.admitted) \(real.advanced) \(real.newSteps) \(real.finished.map(\.status))",
            "\(other.wakeUps) \(other.admitted) \(other.advanced) \(other.newSteps) \(other.finished.map(\.status))")
        note("dispatched along", real.tickets, other.tickets)
    }

    private mutating func dispatch() async throws {
        let limit = 1 + roll(6)
        let real = try await fleet.scheduler.dispatch(limitPerQueue: limit)
        let other = try await simulated.workflowStore.dispatch(limitPerQueue: limit)
        note("dispatch", real, other)
        if roll(8) == 0, let last = other.last, let id = ids[last.stepID] {
            try await fleet.scheduler.undoDispatch(stepIDs: [id])
            try await simulated.workflowStore.undoDispatch(stepIDs: [last.stepID])
        }
    }

    /// Tickets name their step by task, subtask and agent: each waits for one step at most. Their order is not
    /// promised.
    private mutating func note(_ what: String, _ real: [Ticket], _ other: [Ticket]) {
        func text(_ ticket: Ticket) -> String {
            "\(ticket.taskID) \(ticket.subtaskID ?? "-") \(ticket.agentType) \(ticket.attempt) \(ticket.priority)"
        }
        let (real, other) = (real.sorted { text($0) < text($1) }, other.sorted { text($0) < text($1) })
        compare(what, real.map(text).joined(separator: "; "), other.map(text).joined(separator: "; "))
        for (real, other) in zip(real, other) { ids[other.stepID] = real.stepID }
        tickets += other.map(\.stepID)
    }

    private mutating func claim() async throws {
        guard !tickets.isEmpty else { return }
        let place = roll(workers.count)
        let isRedelivered = roll(4) == 0
        let chosen = (0..<1 + roll(5)).compactMap { _ in tickets[roll(tickets.count)] }
        try await claim(chosen.filter { ids[$0] != nil }, place: place, isRedelivered: isRedelivered)
    }

    private mutating func claim(_ known: [Int], place: Int, isRedelivered: Bool) async throws {
        let real = try await fleet.steps.claim(
            known.map { ClaimRequest(stepID: ids[$0] ?? 0, isRedelivered: isRedelivered) }, worker: workers[place].real,
            deadAfter: .seconds(3600))
        let other = try await simulated.stepStore.claim(
            known.map { ClaimRequest(stepID: $0, isRedelivered: isRedelivered) }, worker: workers[place].simulated,
            deadAfter: .seconds(3600))
        compare("claim", real.map(text).joined(separator: "; "), other.map(text).joined(separator: "; "))
        for case (.claimed(let real), .claimed(let other)) in zip(real, other) {
            held.append(Held(real: real, simulated: other, worker: place))
        }
    }

    private func text(_ result: ClaimResult) -> String {
        switch result {
        case .claimed(let step):
            let material = step.material
            return "\(step.taskID) \(step.kind) \(step.attempt) \(step.failures) \(step.throttles) \(step.holdsTurn)"
                + " \(material.taskTitle) \(material.subtasks.map(\.key)) \(material.solutions.count)"
                + " \(material.results.count)"
        case .notClaimable: return "not claimable"
        case .heldByQuietWorker: return "held"
        }
    }

    /// Says what a step waits for, or that it waits no more: perhaps of one that it has lost, perhaps by the wrong worker.
    private mutating func noteWait() async throws {
        guard !held.isEmpty else { return }
        let step = held[roll(held.count)]
        let place = roll(10) == 0 ? roll(workers.count) : step.worker
        let wait: LimitWait? =
            roll(3) == 0 ? nil : LimitWait(provider: "openai", limitClass: "luna", cause: .concurrency)
        let real = try await fleet.steps.note(
            [LimitWaitNote(stepID: step.real.stepID, attempt: step.real.attempt, wait: wait)],
            worker: workers[place].real)
        let other = try await simulated.stepStore.note(
            [LimitWaitNote(stepID: step.simulated.stepID, attempt: step.simulated.attempt, wait: wait)],
            worker: workers[place].simulated)
        compare("note", "\(real)", "\(other)")
    }

    /// Settles a step that was claimed at some time: perhaps by the wrong worker, perhaps again.
    private mutating func settle() async throws {
        guard !held.isEmpty else { return }
        let index = roll(held.count)
        let step = held[index]
        if roll(5) > 0 { held.remove(at: index) }
        let outcome = outcome(of: step.real)
        try await settle(step, outcome, place: roll(10) == 0 ? roll(workers.count) : step.worker)
    }

    private mutating func settle(_ step: Held, _ outcome: StepOutcome, place: Int) async throws {
        let calls = calls(of: step.real)
        let real = try await fleet.steps.settle(
            [Settlement(step: step.real, outcome: outcome, calls: calls)], worker: workers[place].real)
        let other = try await simulated.stepStore.settle(
            [Settlement(step: step.simulated, outcome: outcome, calls: calls)], worker: workers[place].simulated)
        compare("settle \(step.real.kind)", "\(real)", "\(other)")
    }

    /// One call or two, of all kinds of usage.
    private mutating func calls(of step: ClaimedStep) -> [CallRecord] {
        let usage = TokenUsage(
            uncachedInputTokens: roll(5000), cacheReadTokens: roll(1000), outputTokens: roll(900),
            reasoningTokens: roll(90))
        var reported = ReportedUsage(usage, serviceTier: roll(3) == 0 ? "default" : nil)
        switch roll(6) {
        case 0:
            reported.isFinal = false
            return [step.call(outcome: "truncated", reported, billed: .unknown)]
        case 1:
            let error = step.call(outcome: "server_error", .nothing, billed: .no, httpStatus: 500)
            return [error, step.call(2, reported)]
        case 2: return [step.call(outcome: "timed_out", .nothing, billed: .unknown, httpStatus: nil)]
        default:
            var repair = step.call(2, reported)
            repair.purpose = .repair
            return [step.call(outcome: "invalid_answer", reported), repair]
        }
    }

    private mutating func outcome(of step: ClaimedStep) -> StepOutcome {
        switch roll(20) {
        case 0: return .failed(error: "refused")
        case 1: return .dead(error: "too often")
        case 2: return .handedBack
        case 3: return .cancelled
        case 4: return .retry(after: .zero, reason: .backoff, error: "again", countsAsFailure: true)
        case 5: return .retry(after: .zero, reason: .reservedTurn, error: nil, countsAsFailure: false)
        case 6 where roll(4) == 0:
            return .retry(after: .seconds(3600), reason: .providerRateLimit, error: nil, countsAsFailure: false)
        default:
            return .succeeded(Self.answer(answers.answer(step.kind, using: &generator).serialized(), to: step))
        }
    }

    private static func answer(_ text: String, to step: ClaimedStep) -> StepOutcome.Answer {
        let content = (try? JSONValue(parsing: text))?["content"]?.string
        return StepOutcome.Answer(
            json: text, content: content ?? text, confidence: 0.9, version: (step.input.subjectVersion ?? 0) + 1)
    }

    private mutating func release() async throws {
        let real = try await fleet.scheduler.releaseParked(limit: 10)
        let other = try await simulated.workflowStore.releaseParked(limit: 10)
        compare(
            "release", "\(real.released) \(real.nextDue == nil)", "\(other.released) \(other.nextDue == nil)")
        note("slots", real.tickets, other.tickets)
    }

    private mutating func disturb() async throws {
        let place = roll(workers.count)
        switch roll(6) {
        case 0:
            // Rarely, or nothing would ever get to its end.
            guard roll(8) == 0 else { return }
            try await cancelSomething()
        case 4, 5: try await askForMore()
        case 1:
            try await fleet.steps.retire(worker: workers[place].real)
            try await simulated.stepStore.retire(worker: workers[place].simulated)
            workers.remove(at: place)
            held.removeAll { $0.worker == place }
            for index in held.indices where held[index].worker > place { held[index].worker -= 1 }
            try await addWorker()
        case 2:
            let known = tickets.filter { ids[$0] != nil }.suffix(4)
            try await fleet.steps.giveBack(
                known.compactMap { ids[$0] }, worker: workers[place].real, claimedBefore: FleetFixture.later)
            try await simulated.stepStore.giveBack(
                Array(known), worker: workers[place].simulated, claimedBefore: FleetFixture.later)
        default:
            let real = try await fleet.steps.heartbeat(worker: workers[place].real, WorkerReport(running: 1))
            let other = try await simulated.stepStore.heartbeat(
                worker: workers[place].simulated, WorkerReport(running: 1))
            compare(
                "heartbeat", "\(real.isKnown) \(real.cancelledSteps.sorted())",
                "\(other.isKnown) \(other.cancelledSteps.compactMap { ids[$0] }.sorted())")
        }
    }

    /// The real store refuses to cancel what has ended; the simulated one does nothing then.
    mutating func cancelSomething() async throws {
        guard !taskIDs.isEmpty else { return }
        let id = taskIDs[roll(taskIDs.count)]
        _ = try? await fleet.tasks.cancel(id, owner: nil)
        simulated.cancel(id)
    }

    /// A revision or a retry of any task: both refuse those that have not ended.
    mutating func askForMore() async throws {
        guard !taskIDs.isEmpty else { return }
        let id = taskIDs[roll(taskIDs.count)]
        if roll(3) == 0 {
            _ = try? await fleet.tasks.retry(id, owner: nil)
            simulated.retry(id)
            return
        }
        let scope = [nil, .fullTask, .specificSubtasks, .finalAnswer][roll(4)] as RevisionScope?
        let priority = [nil, .urgent, .low][roll(3)] as Priority?
        let request = RevisionRequest(request: "More.", priority: priority, scope: scope)
        let change = try? await fleet.tasks.revise(id, owner: nil, request)
        simulated.revise(id, revisionID: change?.revisionID ?? "refused", request)
    }

    /// Everything that can be done, so many times, all of it well.
    mutating func work(rounds: Int) async throws {
        for _ in 0..<rounds {
            try await advance(limit: 100)
            note(
                "dispatch", try await fleet.scheduler.dispatch(limitPerQueue: 100),
                try await simulated.workflowStore.dispatch(limitPerQueue: 100))
            try await claim(tickets.filter { ids[$0] != nil }, place: 0, isRedelivered: false)
            tickets = []
            for step in held {
                let text = answers.answer(step.real.kind, using: &generator).serialized()
                try await settle(step, .succeeded(Self.answer(text, to: step.real)), place: step.worker)
            }
            held = []
        }
    }

    private mutating func sweep() async throws {
        let depths = Dictionary(
            uniqueKeysWithValues: TestCatalogue.agents.agents.map { ($0.type, roll(2)) })
        let policy = SweepPolicy(
            lease: .seconds(3600), ticketGrace: roll(2) == 0 ? .zero : .seconds(3600), queueDepths: depths)
        let real = try await fleet.scheduler.sweep(policy)
        let other = try await simulated.workflowStore.sweep(policy)
        compare("sweep", real.map { "\($0)" } ?? "-", other.map { "\($0)" } ?? "-")
    }
}
