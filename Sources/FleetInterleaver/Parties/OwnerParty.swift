import FleetCore
import FleetStore
import FleetTesting
import PostgresClient

/// Somebody who submits, cancels, revises and tries again, whatever the others are doing.
struct OwnerParty: Party {
    let stage: Stage
    let store: PostgresTaskRepository
    let gate: TurnGate
    let number: Int
    var generator: SeededGenerator
    private var submitted = 0

    init(stage: Stage, store: PostgresTaskRepository, gate: TurnGate, number: Int, generator: SeededGenerator) {
        self.stage = stage
        self.store = store
        self.gate = gate
        self.number = number
        self.generator = generator
    }

    mutating func operate() async throws -> Bool {
        let known = stage.journal.accepted
        let kind = roll(20)
        guard kind >= 4, !known.isEmpty else {
            try await submit()
            return true
        }
        let taskID = known[roll(known.count)]
        do {
            switch kind {
            case 4..<10: try await cancel(taskID)
            case 10..<17: try await revise(taskID)
            default:
                gate.begins("wants \(taskID) tried again")
                _ = try await store.retry(taskID, owner: nil)
            }
        } catch let error as TaskRepositoryError where error.isConflict {
            // Not now: an answer like any other.
        }
        stage.journal.write { $0.touched.insert(taskID) }
        return true
    }

    private mutating func submit() async throws {
        submitted += 1
        let task = Self.task("task_\(number)_\(submitted)", user: "user\(roll(2))", Priority.allCases[roll(4)])
        gate.begins("submits \(task.id)")
        _ = try await store.submit([task])
        stage.journal.accept(task)
    }

    static func task(_ id: String, user: String, _ priority: Priority) -> NewTask {
        NewTask(
            id: id, userID: user,
            submission: TaskSubmission(
                title: "A task", description: "What has to be done, at length.", priority: priority))
    }

    private func cancel(_ taskID: String) async throws {
        gate.begins("cancels \(taskID)")
        let change = try await store.cancel(taskID, owner: nil)
        guard let what = change.cancelled else { return }
        let now = stage.interleaver.now
        stage.journal.write { $0.cancellations.append(Journal.Cancellation(taskID: taskID, what: what, at: now)) }
    }

    private mutating func revise(_ taskID: String) async throws {
        let scope = [nil, nil, .fullTask, .specificSubtasks, .finalAnswer][roll(5)] as RevisionScope?
        gate.begins("wants \(taskID) revised, \(scope?.rawValue ?? "no scope")")
        let change = try await store.revise(
            taskID, owner: nil,
            RevisionRequest(request: "More.", priority: [nil, .urgent, .low][roll(3)], scope: scope))
        guard let id = change.revisionID else { return }
        stage.journal.write { $0.revisions.append((id, taskID, scope)) }
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}
