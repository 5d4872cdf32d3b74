import FleetCore
import FleetStore
import FleetTesting

/// An operator who pauses and resumes, purges, and has dead letters tried again, whatever the others are doing.
///
/// There is one: whether a pause holds is what the last one who touched it says.
struct OperatorParty: Party {
    let stage: Stage
    let control: PostgresQueueControl
    let desk: PostgresDeadLetterDesk
    let book: PostgresOperationBook
    let gate: TurnGate
    var generator: SeededGenerator

    private static let action = OperatorAction(actor: "operator", reason: "to see what happens")

    mutating func operate() async throws -> Bool {
        switch roll(16) {
        case 0..<4: try await pause()
        case 4..<7: return try await resume()
        case 7..<12: try await purge()
        case 12..<14: return try await replay()
        default:
            gate.begins("carries replays on")
            _ = try await book.continueOperations()
        }
        return true
    }

    private mutating func pause() async throws {
        let scope: Hold.Scope = roll(3) == 0 ? .user("user\(roll(2))") : .agentType(agentType())
        gate.begins("pauses \(scope.kind) \(scope.subject)")
        guard try await control.pause(scope, Self.action).isNew else { return }
        let now = stage.interleaver.now
        stage.journal.write { $0.pauses.append(Journal.Pause(scope: scope, began: now)) }
    }

    private mutating func resume() async throws -> Bool {
        let pauses = stage.journal.all.pauses
        let open = pauses.indices.filter { pauses[$0].ended == nil }
        guard !open.isEmpty else { return false }
        let place = open[roll(open.count)]
        let scope = pauses[place].scope
        gate.begins("resumes \(scope.kind) \(scope.subject)")
        let now = stage.interleaver.now
        // From the first statement on it may be lifted.
        stage.journal.write { $0.pauses[place].ended = now }
        if try await !control.resume(scope, Self.action) {
            stage.journal.write { $0.errors.append("the pause of \(scope.kind) \(scope.subject) is gone") }
        }
        return true
    }

    private mutating func purge() async throws {
        let type = agentType()
        gate.begins("purges \(type)")
        let count = try await control.countPurge(type)
        let purged = try await control.purge(type, count, Self.action)
        stage.journal.write { $0.purged += purged }
    }

    private mutating func replay() async throws -> Bool {
        let groups = try await desk.groups()
        guard !groups.isEmpty else { return false }
        let group = groups[roll(groups.count)]
        gate.begins("has the letters \(group.fingerprint) tried again")
        do {
            _ = try await desk.replay(
                .fingerprint(group.fingerprint), ReplayOptions(hasCanary: roll(3) == 0), Self.action)
        } catch let error as OperatorError where error.code == .notFound {
            // All of them are being tried already, or have been closed meanwhile.
        }
        // Its wish, as if it were the owners'.
        stage.journal.write { $0.touched.formUnion($0.accepted) }
        return true
    }

    /// One with work, as a rule: of what went out lately.
    private mutating func agentType() -> String {
        let agents = TestCatalogue.agents.agents
        let recent = stage.journal.all.dispatches.suffix(6)
        guard !recent.isEmpty, roll(4) > 0 else { return agents[roll(agents.count)].type }
        return recent[recent.startIndex + roll(recent.count)].agentType
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}
