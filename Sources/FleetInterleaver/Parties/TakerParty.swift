import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import Synchronization

/// The side of a worker that takes steps: it claims, gives back what it is in doubt about, falls silent and begins anew.
struct TakerParty: Party {
    let stage: Stage
    let process: SharedWorker
    let pool: PostgresPool
    let store: PostgresStepStore
    let gate: TurnGate
    var generator: SeededGenerator

    private static let silence = PostgresStatement(
        "test_silence", "UPDATE workers SET heartbeat_at = now() - interval '2 hours' WHERE worker_id = $1")

    mutating func operate() async throws -> Bool {
        guard Double.random(in: 0..<1, using: &generator) < stage.plan.disturbance else { return try await claim() }
        if roll(3) == 0 { try await beginAnew() } else { try await fallSilent() }
        return true
    }

    private mutating func claim() async throws -> Bool {
        let tickets = stage.tickets.take(atMost: 1 + roll(stage.plan.batch), using: &generator)
        let worker = process.id
        guard !tickets.isEmpty else {
            try await giveBackUncertainClaims(worker)
            return false
        }
        gate.begins("claims \(tickets.map(\.stepID))")
        try await giveBackUncertainClaims(worker)
        let began = stage.interleaver.now
        let results: [ClaimResult]
        do {
            results = try await store.claim(tickets, worker: worker, deadAfter: Stage.lease)
        } catch {
            process.memory.withLock { $0.uncertainClaims.formUnion(tickets.map(\.stepID)) }
            stage.tickets.put(tickets.map(\.stepID), isRedelivered: true)
            throw error
        }
        let isUnheard = Double.random(in: 0..<1, using: &generator) < stage.plan.deafness
        let ended = stage.interleaver.now
        for case .claimed(let step) in results {
            let attempt = Journal.Attempt(stepID: step.stepID, number: step.attempt)
            stage.journal.write {
                $0.claims.append(
                    Journal.Claim(
                        attempt: attempt, worker: worker, taskID: step.taskID, began: began, ended: ended,
                        isUnheard: isUnheard))
            }
        }
        guard !isUnheard else {
            // The answer was lost: the worker is in doubt about all of them, and the tickets come again.
            process.memory.withLock { $0.uncertainClaims.formUnion(tickets.map(\.stepID)) }
            stage.tickets.put(tickets.map(\.stepID), isRedelivered: true)
            return true
        }
        for (ticket, result) in zip(tickets, results) { keep(ticket, result, worker) }
        return true
    }

    private mutating func keep(_ ticket: ClaimRequest, _ result: ClaimResult, _ worker: Int) {
        switch result {
        case .claimed(let step):
            process.memory.withLock {
                $0.uncertainClaims.remove(step.stepID)
                $0.held.append(SharedWorker.Held(step: step, worker: worker))
            }
            // The call goes out at once, or not before the worker dies.
            let attempt = Journal.Attempt(stepID: step.stepID, number: step.attempt)
            if roll(4) > 0 { stage.journal.write { $0.called.insert(attempt) } }
        case .heldByQuietWorker:
            if roll(2) == 0 { stage.tickets.put([ticket.stepID], isRedelivered: true) }
        case .notClaimable: break
        }
    }

    /// Before each claim, as a worker does it. Now and then it gives up waiting, and the statement runs later.
    private mutating func giveBackUncertainClaims(_ worker: Int) async throws {
        let (uncertain, heard) = process.memory.withLock { ($0.uncertain, $0.databaseTime) }
        guard !uncertain.isEmpty, let heard else { return }
        if roll(3) == 0 {
            process.memory.withLock {
                $0.late.append(SharedWorker.GiveBack(ids: uncertain, worker: worker, claimedBefore: heard))
            }
            return
        }
        try await store.giveBack(uncertain, worker: worker, claimedBefore: heard)
    }

    /// No heartbeat for longer than a lease, although the worker goes on with what it does.
    private func fallSilent() async throws {
        let worker = process.id
        gate.begins("falls silent")
        stage.journal.write { $0.disturbed.insert(worker) }
        try await pool.withSession { session in
            _ = try session.execute(Self.silence, [.int8(worker)])
        }
    }

    /// Killed and started again: what it held is nobody's.
    private mutating func beginAnew() async throws {
        let old = process.id
        gate.begins("dies and begins anew")
        stage.journal.write { $0.disturbed.insert(old) }
        process.memory.withLock { memory in
            memory.held = []
            memory.uncertainClaims = []
        }
        try await pool.withSession { session in
            _ = try session.execute(Self.silence, [.int8(old)])
        }
        let id = try await store.register(
            name: "worker \(process.number)", agentTypes: TestCatalogue.agents.agents.map(\.type), slots: 20)
        process.memory.withLock { $0.id = id }
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}

/// What a worker has given up waiting for, and what the server does all the same.
struct StragglerParty: Party {
    let process: SharedWorker
    let store: PostgresStepStore
    let gate: TurnGate

    mutating func operate() async throws -> Bool {
        let late = process.memory.withLock { $0.late.isEmpty ? nil : $0.late.removeFirst() }
        guard let late else { return false }
        gate.begins("gives back \(late.ids), late")
        try await store.giveBack(late.ids, worker: late.worker, claimedBefore: late.claimedBefore)
        return true
    }
}
