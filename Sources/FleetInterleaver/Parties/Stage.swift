import FleetCore
import FleetStore
import FleetTesting
import PostgresClient

/// What all parties of a run have in common.
struct Stage: Sendable {
    let plan: InterleavingPlan
    let journal = Journal()
    let tickets: TicketBox
    let interleaver: Interleaver
    let answers: SmallAnswers
    static let workflow = Workflow(catalogue: TestCatalogue.agents)

    /// Longer than any run: a worker is silent because it was made so.
    static let lease: Duration = .seconds(3600)

    init(plan: InterleavingPlan) {
        self.plan = plan
        tickets = TicketBox(redelivery: plan.redelivery)
        answers = SmallAnswers(trouble: plan.trouble, turns: plan.turns)
        interleaver = Interleaver(
            parties: plan.parties.map(\.role.description), seed: plan.seed ^ 0x5ced, stickiness: plan.stickiness)
    }

    static func depths(_ depth: Int) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: TestCatalogue.agents.agents.map { ($0.type, depth) })
    }

    /// As the tickets of the scheduler's own round: published, or taken back.
    func decide(_ snapshot: TaskSnapshot, _ nextStepID: @escaping @Sendable () -> Int) -> TaskTransition? {
        Self.workflow.advance(snapshot, Workflow.Context(nextStepID: nextStepID))
    }

    /// What only a defect lets reach a caller.
    func note(_ error: any Error, _ what: String) {
        journal.write { $0.errors.append("\(what): \(error)") }
    }
}

/// One who takes part: does so many operations, each when it is its turn.
protocol Party: Sendable {
    /// One operation; false: there was nothing to do.
    mutating func operate() async throws -> Bool
}

extension Stage {
    /// Runs a party to its end; an error is noted and the party goes on with the next operation.
    func play(_ party: some Party, operations: Int, name: String, gate: TurnGate) async {
        var party = party
        var left = operations
        // Who has nothing to do now may have later, but not for ever.
        for _ in 0..<4 * operations where left > 0 {
            await gate.nextOperation()
            do {
                if try await party.operate() { left -= 1 }
            } catch {
                left -= 1
                note(error, name)
            }
        }
        gate.isDone()
    }
}
