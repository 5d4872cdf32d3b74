import FleetCore
import FleetInterleaver
import FleetStore
import FleetTesting
import PostgresClient
import Synchronization
import TestServers

/// Schedulers, workers, a sweep and owners that all work on a few tasks at once.
final class FleetStorm: Sendable {
    private struct State {
        var tickets: [Int] = []
        var taskIDs: [String] = []
        var problems: [String] = []
        var claimed = 0
        var changed = 0
    }

    private let fleet: FleetFixture
    private let state = Mutex(State())

    init(fleet: FleetFixture) {
        self.fleet = fleet
    }

    var problems: [String] { state.withLock { $0.problems } }
    var claimed: Int { state.withLock { $0.claimed } }
    /// Revisions, retries and cancellations that took place.
    var changed: Int { state.withLock { $0.changed } }

    /// Until so much has happened, or too much time has passed.
    func blow(claims: Int, changes: Int) async throws {
        for user in 0..<8 { try await submit(user) }
        let end = End(claims: claims, changes: changes, time: .now + .seconds(60))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { await self.repeatedly(until: end) { try await self.advance() } } }
            for seed in UInt64(1)...4 {
                group.addTask {
                    let worker = try? await self.fleet.worker("worker \(seed)")
                    var generator = SeededGenerator(seed: seed)
                    await self.repeatedly(until: end) { try await self.work(worker ?? 0, &generator) }
                }
            }
            for seed in UInt64(5)...6 {
                group.addTask {
                    var generator = SeededGenerator(seed: seed)
                    await self.repeatedly(until: end) { try await self.change(&generator) }
                }
            }
            group.addTask { await self.repeatedly(until: end) { try await self.sweep() } }
        }
    }

    /// Nothing is asked for any more: everything comes to an end.
    func calm() async throws {
        try await fleet.pool.run("UPDATE workers SET heartbeat_at = now() - interval '1 hour'")
        let worker = try await fleet.worker("calm")
        for _ in 0..<5 {
            _ = try await fleet.scheduler.sweep(SweepPolicy(ticketGrace: .zero, queueDepths: Self.noTickets))
            _ = try await fleet.scheduler.releaseParked(limit: 1000)
            try await fleet.work(worker)
        }
    }

    // MARK: Who takes part

    private struct End: Sendable {
        var claims: Int
        var changes: Int
        var time: ContinuousClock.Instant
    }

    private func repeatedly(until end: End, _ body: () async throws -> Void) async {
        while ContinuousClock.now < end.time && (claimed < end.claims || changed < end.changes) {
            do {
                try await body()
            } catch let error as TaskRepositoryError where error.isConflict {
                continue
            } catch {
                state.withLock { $0.problems.append("\(error)") }
            }
        }
    }

    private func submit(_ user: Int) async throws {
        let task = NewTask.sample("u\(user)")
        _ = try await fleet.tasks.submit([task])
        state.withLock { $0.taskIDs.append(task.id) }
    }

    private func advance() async throws {
        let workflow = Workflow(catalogue: TestCatalogue.agents)
        let report = try await fleet.scheduler.advance(limit: 5, dispatchLimit: 20) {
            workflow.advance($0, Workflow.Context(nextStepID: $1))
        }
        let more = try await fleet.scheduler.dispatch(limitPerQueue: 20)
        state.withLock { $0.tickets += (report.tickets + more).map(\.stepID) }
    }

    private func work(_ worker: Int, _ generator: inout SeededGenerator) async throws {
        let tickets = state.withLock { state in
            // A ticket may come twice.
            let taken = Array(state.tickets.shuffled(using: &generator).prefix(12))
            if Bool.random(using: &generator) { state.tickets.removeAll(where: taken.contains) }
            if state.tickets.count > 400 { state.tickets.removeFirst(200) }
            return taken
        }
        guard !tickets.isEmpty else { return try await Task.sleep(for: .milliseconds(2)) }
        let steps = try await fleet.claim(tickets, worker: worker)
        state.withLock { $0.claimed += steps.count }
        var settlements: [Settlement] = []
        for step in steps {
            settlements.append(Settlement(step: step, outcome: outcome(of: step, &generator), calls: []))
        }
        _ = try await fleet.steps.settle(settlements, worker: worker)
    }

    private func outcome(of step: ClaimedStep, _ generator: inout SeededGenerator) -> StepOutcome {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: return .handedBack
        case 1: return .retry(after: .zero, reason: .backoff, error: "again", countsAsFailure: true)
        case 2 where step.kind == .subtaskExecution: return .failed(error: "refused")
        default:
            var answers = ScriptedAnswers()
            answers.lowScore = 0.2
            return FleetAnswers.succeeded(step, answers.answer(step.kind, using: &generator))
        }
    }

    private func change(_ generator: inout SeededGenerator) async throws {
        let ids = state.withLock { $0.taskIDs }
        guard let id = ids.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: _ = try await fleet.tasks.retry(id, owner: nil)
        case 1, 2:
            let scope = RevisionScope.allCases.randomElement(using: &generator)
            _ = try await fleet.tasks.revise(id, owner: nil, RevisionRequest(request: "More.", scope: scope))
        case 3 where ids.count < 40:
            try await submit(ids.count)
            return
        default:
            // Mostly of what has been finished before: an end of the whole task is for ever.
            let detail = try await fleet.tasks.detail(of: id, owner: nil)
            guard detail.answer != nil || Int.random(in: 0..<20, using: &generator) == 0 else { return }
            _ = try await fleet.tasks.cancel(id, owner: nil)
        }
        state.withLock { $0.changed += 1 }
    }

    private func sweep() async throws {
        _ = try await fleet.scheduler.sweep(SweepPolicy(ticketGrace: .seconds(1), queueDepths: Self.noTickets))
        let parked = try await fleet.scheduler.releaseParked(limit: 100)
        state.withLock { $0.tickets += parked.tickets.map(\.stepID) }
        try await Task.sleep(for: .milliseconds(50))
    }

    private static var noTickets: [String: Int] {
        Dictionary(uniqueKeysWithValues: TestCatalogue.agents.agents.map { ($0.type, 0) })
    }

    // MARK: The truth

    /// What the rows say although it is not so, at rest.
    func lies() async throws -> [String] {
        try await fleet.pool.withSession { try RestingRows.lies($0) }
    }
}
