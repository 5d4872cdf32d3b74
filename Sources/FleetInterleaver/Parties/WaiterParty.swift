import FleetCore
import FleetStore
import FleetTesting
import Synchronization

/// The side of a worker whose attempts wait for a limit: it says so, and takes it back before they call.
struct WaiterParty: Party {
    let stage: Stage
    let process: SharedWorker
    let store: PostgresStepStore
    let gate: TurnGate
    var generator: SeededGenerator

    private static let wait = LimitWait(provider: "openai", limitClass: "test", cause: .concurrency)

    mutating func operate() async throws -> Bool {
        let wantsToCall = Bool.random(using: &generator)
        let chosen = choose(waiting: wantsToCall)
        guard !chosen.isEmpty else { return false }
        gate.begins(
            "\(wantsToCall ? "wants to call for" : "waits with") \(chosen.map { "\($0.step.stepID)/\($0.step.attempt)" })"
        )
        for (worker, group) in Dictionary(grouping: chosen, by: \.worker).sorted(by: { $0.key < $1.key }) {
            let notes = group.map { held in
                LimitWaitNote(
                    stepID: held.step.stepID, attempt: held.step.attempt, wait: wantsToCall ? nil : Self.wait)
            }
            let held = try await store.note(notes, worker: worker)
            guard wantsToCall else { continue }
            for (note, isHeld) in zip(notes, held) {
                let attempt = Journal.Attempt(stepID: note.stepID, number: note.attempt)
                // Whose lease is gone calls nobody, and comes to nothing.
                if isHeld { stage.journal.write { $0.called.insert(attempt) } }
                process.memory.withLock { $0.waitEnded(attempt, isHeld: isHeld) }
            }
        }
        return true
    }

    /// Attempts that have called nobody. Those that begin to wait do so before the rows can know.
    private mutating func choose(waiting: Bool) -> [SharedWorker.Held] {
        let called = stage.journal.all.called
        let limit = Int.random(in: 1...stage.plan.batch, using: &generator)
        return process.memory.withLock { memory in
            let places = memory.held.indices.filter { place in
                let step = memory.held[place].step
                return memory.held[place].isWaiting == waiting
                    && !called.contains(Journal.Attempt(stepID: step.stepID, number: step.attempt))
            }.shuffled(using: &generator).prefix(limit)
            if !waiting { for place in places { memory.held[place].isWaiting = true } }
            return places.map { memory.held[$0] }
        }
    }
}

extension SharedWorker.Memory {
    fileprivate mutating func waitEnded(_ attempt: Journal.Attempt, isHeld: Bool) {
        let isIt = { (held: SharedWorker.Held) in
            held.step.stepID == attempt.stepID && held.step.attempt == attempt.number
        }
        if !isHeld { held.removeAll(where: isIt) }
        for place in held.indices where isIt(held[place]) { held[place].isWaiting = false }
    }
}
