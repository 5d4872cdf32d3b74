import FleetCore
import PostgresClient

/// Loads the texts behind claimed steps and puts each step together; columns as in the SELECT lists.
struct ClaimReader {
    private let claims: PostgresRows
    /// Rows that can be read, with what they ask for.
    private var requests: [(row: Int, kind: StepKind, input: StepInput)] = []
    /// Claimed steps that cannot be run: nobody can read what they ask for.
    private(set) var unreadable: [UnreadableStep] = []

    struct UnreadableStep {
        var stepID: Int
        var attempt: Int
        var problem: String
    }

    struct Loaded {
        var tasks: PostgresRows
        var subtasks: PostgresRows
        var solutions: PostgresRows
        var results: PostgresRows
    }

    init(_ claims: PostgresRows) throws {
        self.claims = claims
        for row in 0..<claims.count {
            do {
                requests.append((row, try Self.kind(claims, row), try Self.input(claims, row)))
            } catch let error as StoreError {
                unreadable.append(
                    UnreadableStep(
                        stepID: try claims.int(row, 0), attempt: try claims.int(row, 1), problem: error.message))
            }
        }
    }

    /// One round trip for the whole batch; nil if nothing was claimed.
    func load(in session: PostgresSession) throws -> Loaded? {
        guard !requests.isEmpty else { return nil }
        var taskIDs: Set<String> = []
        var planTaskIDs: Set<String> = []
        var subtaskIDs: [String: String] = [:]
        var references: Set<Int> = []
        for (row, kind, input) in requests {
            let taskID = try claims.text(row, 4)
            taskIDs.insert(taskID)
            references.formUnion(input.referencedStepIDs)
            if let subtaskID = try claims.optionalText(row, 5) { subtaskIDs[subtaskID] = taskID }
            if input.needsWholePlan(for: kind) { planTaskIDs.insert(taskID) }
        }
        let singles = subtaskIDs.filter { !planTaskIDs.contains($0.value) }.keys.sorted()
        let tasks = PostgresValue.textArray(taskIDs.sorted())
        let steps = PostgresValue.int8Array(references.sorted())
        typealias Statements = PostgresStepStore.Statements
        let results = try session.pipeline([
            (Statements.tasks, [tasks]),
            (Statements.subtasks, [.textArray(planTaskIDs.sorted()), .textArray(singles)]),
            (Statements.solutions, [steps]),
            (Statements.results, [steps]),
        ])
        return Loaded(tasks: results[0], subtasks: results[1], solutions: results[2], results: results[3])
    }

    func steps(_ loaded: Loaded?) throws -> [Int: ClaimedStep] {
        guard let loaded else { return [:] }
        var tasks: [String: PromptMaterial] = [:]
        for row in 0..<loaded.tasks.count {
            tasks[try loaded.tasks.text(row, 0)] = PromptMaterial(
                taskTitle: try loaded.tasks.text(row, 1), taskDescription: try loaded.tasks.text(row, 2),
                taskContext: try loaded.tasks.optionalText(row, 3))
        }
        for row in 0..<loaded.subtasks.count {
            let rows = loaded.subtasks
            tasks[try rows.text(row, 0)]?.subtasks.append(
                PromptMaterial.Subtask(
                    id: try rows.text(row, 1), key: try rows.text(row, 2),
                    specialist: try rows.optionalText(row, 3) ?? "", title: try rows.text(row, 4),
                    description: try rows.text(row, 5), deliverable: try rows.text(row, 6)))
        }
        var solutions: [Int: PromptMaterial.Solution] = [:]
        for row in 0..<loaded.solutions.count {
            solutions[try loaded.solutions.int(row, 0)] = PromptMaterial.Solution(
                subtaskID: try loaded.solutions.optionalText(row, 1), content: try loaded.solutions.text(row, 2))
        }
        var results: [Int: String] = [:]
        for row in 0..<loaded.results.count {
            results[try loaded.results.int(row, 0)] = try loaded.results.text(row, 1)
        }
        var steps: [Int: ClaimedStep] = [:]
        for (row, kind, input) in requests {
            // The claim itself has joined the task: it is only gone if it was deleted since, and its steps with it.
            guard let material = tasks[try claims.text(row, 4)] else { continue }
            let step = try step(row, kind, input, material, solutions, results)
            steps[step.stepID] = step
        }
        return steps
    }

    private func step(
        _ row: Int, _ kind: StepKind, _ input: StepInput, _ material: PromptMaterial,
        _ solutions: [Int: PromptMaterial.Solution], _ results: [Int: String]
    ) throws -> ClaimedStep {
        var material = material
        let subtaskID = try claims.optionalText(row, 5)
        // Others of the batch may need more of the same task.
        if !input.needsWholePlan(for: kind) { material.subtasks.removeAll { $0.id != subtaskID } }
        for id in input.referencedStepIDs {
            material.solutions[id] = solutions[id]
            material.results[id] = results[id]
        }
        return ClaimedStep(
            stepID: try claims.int(row, 0), attempt: try claims.int(row, 1), kind: kind,
            agentType: try claims.text(row, 3), taskID: try claims.text(row, 4), subtaskID: subtaskID,
            failures: try claims.int(row, 6), throttles: try claims.int(row, 7),
            holdsSlot: try claims.optionalText(row, 8) == StepOutcome.WaitReason.rateLimitSlot.rawValue, input: input,
            material: material)
    }

    private static func kind(_ claims: PostgresRows, _ row: Int) throws -> StepKind {
        let name = try claims.text(row, 2)
        guard let kind = StepKind(rawValue: name) else {
            throw StoreError(.unreadableRow, "is of an unknown kind, '\(name)'")
        }
        return kind
    }

    private static func input(_ claims: PostgresRows, _ row: Int) throws -> StepInput {
        guard let text = try claims.optionalText(row, 9) else { return StepInput() }
        do {
            return StepInput(try JSONValue(parsing: text))
        } catch {
            throw StoreError(.unreadableRow, "its input cannot be read")
        }
    }
}
