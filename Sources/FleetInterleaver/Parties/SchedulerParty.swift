import FleetCore
import FleetStore
import FleetTesting
import PostgresClient

/// A loop of a scheduler: advances, dispatches, releases what is parked, sweeps, and takes back what the broker refuses.
struct SchedulerParty: Party {
    let stage: Stage
    let store: PostgresWorkflowStore
    let gate: TurnGate
    var generator: SeededGenerator

    mutating func operate() async throws -> Bool {
        switch roll(20) {
        case 0..<9: try await advance()
        case 9..<12:
            let limit = 1 + roll(4)
            gate.begins("dispatches up to \(limit) per queue")
            let store = store
            try await publish { try await store.dispatch(limitPerQueue: limit) }
        case 12..<15:
            gate.begins("releases what is parked")
            let limit = 1 + roll(4)
            let store = store
            try await publish { try await store.releaseParked(limit: limit).tickets }
        default:
            let mayHaveLostTickets = roll(2) == 0
            gate.begins(mayHaveLostTickets ? "sweeps and uncertainClaims all tickets" : "sweeps")
            _ = try await store.sweep(
                SweepPolicy(
                    lease: Stage.lease, ticketGrace: mayHaveLostTickets ? .zero : .seconds(3600),
                    queueDepths: Stage.depths(mayHaveLostTickets ? 0 : 1)))
        }
        return true
    }

    private mutating func advance() async throws {
        // Two wake-ups of one task, one to each scheduler: that takes small bites.
        let limit = 1 + roll(1 + roll(4))
        gate.begins("advances up to \(limit)")
        let (stage, store, dispatchLimit) = (stage, store, roll(4))
        try await publish {
            let report = try await store.advance(
                limit: limit, dispatchLimit: dispatchLimit, { stage.decide($0, $1) })
            for (taskID, problem) in report.stalled {
                stage.journal.write { $0.errors.append("\(taskID) is set aside: \(problem)") }
            }
            return report.tickets
        }
    }

    /// As a scheduler does it: what the broker does not take is dispatched no more.
    private mutating func publish(_ dispatch: () async throws -> [Ticket]) async throws {
        let began = stage.interleaver.now
        let tickets = try await dispatch()
        let ended = stage.interleaver.now
        stage.journal.write { content in
            content.dispatches += tickets.map {
                Journal.Dispatch(
                    stepID: $0.stepID, taskID: $0.taskID, agentType: $0.agentType, began: began, ended: ended)
            }
        }
        let isRefused = roll(8) == 0
        // What was refused may be there all the same: the confirmation was lost.
        if !isRefused || roll(3) == 0 { stage.tickets.put(tickets.map(\.stepID)) }
        guard isRefused, !tickets.isEmpty else { return }
        // Not in the order of their ids.
        try await store.undoDispatch(stepIDs: tickets.map(\.stepID).shuffled(using: &generator))
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}
