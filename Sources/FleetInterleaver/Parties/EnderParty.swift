import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import Synchronization

/// The side of a worker that ends steps: it settles, beats, heeds cancellations and retires.
struct EnderParty: Party {
    let stage: Stage
    let process: SharedWorker
    let store: PostgresStepStore
    let gate: TurnGate
    var generator: SeededGenerator

    mutating func operate() async throws -> Bool {
        let isIdle = process.memory.withLock { $0.held.allSatisfy(\.isWaiting) }
        switch roll(20) {
        case 0..<15:
            guard !isIdle else { return false }
            try await settleSome()
        case 15: try await retire()
        default: try await beat()
        }
        return true
    }

    private mutating func settleSome() async throws {
        let count = 1 + roll(stage.plan.batch)
        let held = process.memory.withLock { memory -> [SharedWorker.Held] in
            let chosen = memory.held.filter { !$0.isWaiting }.shuffled(using: &generator).prefix(count)
            return memory.take { held in chosen.contains { $0.step.stepID == held.step.stepID } }
        }
        let outcomes = held.map { stage.answers.outcome(of: $0.step, using: &generator) }
        try await settle(Array(zip(held, outcomes)), what: "settles")
    }

    /// Of one incarnation each, as a process has only one.
    private func settle(_ all: [(held: SharedWorker.Held, outcome: StepOutcome)], what: String) async throws {
        gate.begins("\(what) \(all.map { "\($0.held.step.stepID)/\($0.held.step.attempt)" })")
        for (worker, group) in Dictionary(grouping: all, by: \.held.worker).sorted(by: { $0.key < $1.key }) {
            do {
                try await stage.settle(group.map { ($0.held.step, $0.outcome) }, worker: worker, store)
            } catch {
                // A worker settles until it is told what came of it.
                process.memory.withLock { $0.putBack(group.map(\.held)) }
                throw error
            }
            process.memory.withLock { $0.settling.subtract(group.map(\.held.step.stepID)) }
        }
    }

    /// A sign of life; says which steps were cancelled.
    private mutating func beat() async throws {
        gate.begins("beats")
        let worker = process.id
        let heartbeat = try await store.heartbeat(worker: worker, WorkerReport(running: 1))
        let cancelled = process.memory.withLock { memory in
            memory.databaseTime = heartbeat.databaseTime
            return memory.take { $0.worker == worker && heartbeat.cancelledSteps.contains($0.step.stepID) }
        }
        guard !cancelled.isEmpty else { return }
        try await settle(cancelled.map { ($0, .cancelled) }, what: "settles as cancelled")
    }

    /// Hands back what it holds and goes.
    private mutating func retire() async throws {
        let worker = process.id
        gate.begins("retires")
        stage.journal.write { $0.disturbed.insert(worker) }
        let held = process.memory.withLock { memory in memory.take { $0.worker == worker } }
        if roll(2) == 0, !held.isEmpty { try await settle(held.map { ($0, .handedBack) }, what: "hands back") }
        try await store.retire(worker: worker)
        gate.begins("begins anew")
        let id = try await store.register(
            name: "worker \(process.number)", agentTypes: TestCatalogue.agents.agents.map(\.type), slots: 20)
        process.memory.withLock { $0.id = id }
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}

extension SharedWorker.Memory {
    /// These are no longer held, but not yet settled either.
    mutating func take(_ isTaken: (SharedWorker.Held) -> Bool) -> [SharedWorker.Held] {
        let taken = held.filter(isTaken)
        held.removeAll(where: isTaken)
        settling.formUnion(taken.map(\.step.stepID))
        return taken
    }

    mutating func putBack(_ taken: [SharedWorker.Held]) {
        settling.subtract(taken.map(\.step.stepID))
        held += taken
    }
}

extension Stage {
    /// Settles steps with the calls that were made for them, and notes what came of it.
    func settle(_ steps: [(step: ClaimedStep, outcome: StepOutcome)], worker: Int, _ store: PostgresStepStore)
        async throws
    {
        let called = journal.all.called
        let settlements = steps.map { step, outcome in
            // Who answers has been asked.
            let isAnswered = if case .succeeded = outcome { true } else { false }
            let hasCalled = isAnswered || called.contains(Journal.Attempt(stepID: step.stepID, number: step.attempt))
            return Settlement(step: step, outcome: outcome, calls: hasCalled ? [SmallAnswers.call(of: step)] : [])
        }
        let began = interleaver.now
        let results = try await store.settle(settlements, worker: worker)
        journal.write { content in
            for (settlement, result) in zip(settlements, results) {
                let attempt = Journal.Attempt(stepID: settlement.stepID, number: settlement.attempt)
                if !settlement.calls.isEmpty { content.called.insert(attempt) }
                if case .succeeded = settlement.outcome {} else { content.touched.insert(settlement.taskID) }
                content.settlings.append(
                    Journal.Settling(
                        attempt: attempt, worker: worker, taskID: settlement.taskID, outcome: settlement.outcome,
                        calls: settlement.calls.count, began: began, result: result))
            }
        }
    }
}
