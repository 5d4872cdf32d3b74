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
        /// Of tasks whose next revision is scoped; nil if none is.
        var revisions: PostgresRows?
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
        var scopedTaskIDs: Set<String> = []
        var subtaskIDs: Set<String> = []
        var references: Set<Int> = []
        for (row, kind, input) in requests {
            let taskID = try claims.text(row, 4)
            taskIDs.insert(taskID)
            references.formUnion(input.referencedStepIDs)
            if let subtaskID = try claims.optionalText(row, 5) { subtaskIDs.insert(subtaskID) }
            if StepInput.needsPlan(kind) { planTaskIDs.insert(taskID) }
            if kind == .revisionScoping { scopedTaskIDs.insert(taskID) }
        }
        let steps = PostgresValue.int8Array(references.sorted())
        typealias Statements = PostgresStepStore.Statements
        var statements: [(PostgresStatement, [PostgresValue])] = [
            (Statements.tasks, [.textArray(taskIDs.sorted())]),
            (
                Statements.subtasks,
                [
                    .textArray(planTaskIDs.sorted()), .textArray(subtaskIDs.sorted()),
                    .textArray(scopedTaskIDs.sorted()),
                ]
            ),
            (Statements.solutions, [steps]),
            (Statements.results, [steps]),
        ]
        if !scopedTaskIDs.isEmpty {
            statements.append((Statements.earlierRevisions, [.textArray(scopedTaskIDs.sorted())]))
        }
        let results = try session.pipeline(statements)
        return Loaded(
            tasks: results[0], subtasks: results[1], solutions: results[2], results: results[3],
            revisions: results.count > 4 ? results[4] : nil)
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
            tasks[try loaded.subtasks.text(row, 0)]?.subtasks.append(try Self.subtask(loaded.subtasks, row))
        }
        if let rows = loaded.revisions {
            for row in 0..<rows.count {
                tasks[try rows.text(row, 0)]?.earlierRevisions.append(
                    PromptMaterial.EarlierRevision(
                        request: try rows.text(row, 1), scope: try rows.optionalText(row, 2),
                        status: try rows.text(row, 3)))
            }
        }
        var solutions: [Int: PromptMaterial.Solution] = [:]
        for row in 0..<loaded.solutions.count {
            solutions[try loaded.solutions.int(row, 0)] = PromptMaterial.Solution(
                subtaskID: try loaded.solutions.optionalText(row, 1), content: try loaded.solutions.text(row, 2),
                version: try loaded.solutions.int(row, 3), agentType: try loaded.solutions.text(row, 4),
                metadata: try loaded.solutions.optionalText(row, 5))
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
        if !StepInput.needsPlan(kind) { material.subtasks = [] }
        if kind != .revisionScoping { material.earlierRevisions = [] }
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

    private static func subtask(_ rows: PostgresRows, _ row: Int) throws -> PromptMaterial.Subtask {
        let covers = try rows.optionalText(row, 7).flatMap { try? JSONValue(parsing: $0) }
        return PromptMaterial.Subtask(
            id: try rows.text(row, 1), key: try rows.text(row, 2), specialist: try rows.optionalText(row, 3) ?? "",
            title: try rows.text(row, 4), description: try rows.text(row, 5), deliverable: try rows.text(row, 6),
            covers: covers?.array?.compactMap(\.string) ?? [],
            priority: Priority(rank: try rows.int(row, 8)) ?? .medium, isComplex: try rows.bool(row, 9),
            status: try rows.text(row, 10), score: try rows.optionalFloat8(row, 11))
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
