import FleetCore
import JSON
import PostgresClient

/// Loads the texts behind claimed steps and puts each step together.
struct ClaimReader {
    /// Claimed steps that can be run, still without their texts.
    private let claims: [ClaimedStep]
    /// Claimed steps that cannot be run: nobody can read what they ask for.
    let unreadable: [UnreadableStep]

    struct UnreadableStep: Sendable {
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

    init(_ rows: PostgresRows) throws {
        var unreadable: [UnreadableStep] = []
        claims = try rows.map { row -> ClaimedStep? in
            let (stepID, attempt): (Int, Int) = (try row("step_id"), try row("attempt"))
            do {
                return try Self.claim(stepID, attempt, &row)
            } catch let error as StoreError {
                unreadable.append(UnreadableStep(stepID: stepID, attempt: attempt, problem: error.message))
                row.skipRest()
                return nil
            }
        }.compactMap(\.self)
        self.unreadable = unreadable
    }

    private static func claim(_ stepID: Int, _ attempt: Int, _ row: inout PostgresRow) throws -> ClaimedStep {
        let kind: String = try row("kind")
        guard let kind = StepKind(rawValue: kind) else {
            throw StoreError(.unreadableRow, "is of an unknown kind, '\(kind)'")
        }
        let waited: Double = try row("waited")
        return ClaimedStep(
            stepID: stepID, attempt: attempt, kind: kind, agentType: try row("agent_type"), taskID: try row("task_id"),
            subtaskID: try row("subtask_id"), failures: try row("failures"), throttles: try row("throttles"),
            holdsTurn: try row.ifKnown("wait_reason") == StepOutcome.WaitReason.reservedTurn,
            waited: .seconds(max(0, waited)), isTakenOver: try row("is_taken_over"), input: try input(&row),
            material: PromptMaterial(taskTitle: "", taskDescription: "", taskContext: nil))
    }

    private static func input(_ row: inout PostgresRow) throws -> StepInput {
        guard let text: String = try row("input") else { return StepInput() }
        do {
            return StepInput(try JSONValue(parsing: text))
        } catch {
            throw StoreError(.unreadableRow, "its input cannot be read")
        }
    }

    /// One round trip for the whole batch; nil if nothing was claimed.
    func load(in session: PostgresSession) throws -> Loaded? {
        guard !claims.isEmpty else { return nil }
        var taskIDs: Set<String> = []
        var planTaskIDs: Set<String> = []
        var scopedTaskIDs: Set<String> = []
        var subtaskIDs: Set<String> = []
        var references: Set<Int> = []
        for claim in claims {
            taskIDs.insert(claim.taskID)
            references.formUnion(claim.input.referencedStepIDs)
            if let subtaskID = claim.subtaskID { subtaskIDs.insert(subtaskID) }
            if StepInput.needsPlan(claim.kind) { planTaskIDs.insert(claim.taskID) }
            if claim.kind == .revisionScoping { scopedTaskIDs.insert(claim.taskID) }
        }
        let steps = PostgresValue.int8Array(references.sorted())
        typealias Statements = PostgresStepStore.ClaimStatements
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
        let tasks = try materials(loaded)
        let solutions: [Int: PromptMaterial.Solution] = try loaded.solutions.dictionary { row in
            (
                try row("step_id"),
                PromptMaterial.Solution(
                    subtaskID: try row("subtask_id"), content: try row("content"), version: try row("version"),
                    agentType: try row("agent_id"), metadata: try row("metadata"))
            )
        }
        let results: [Int: String] = try loaded.results.dictionary { (try $0("step_id"), try $0("output")) }
        var steps: [Int: ClaimedStep] = [:]
        for var step in claims {
            // The claim itself has joined the task: it is only gone if it was deleted since, and its steps with it.
            guard var material = tasks[step.taskID] else { continue }
            // Others of the batch may need more of the same task.
            if !StepInput.needsPlan(step.kind) { material.subtasks = [] }
            if step.kind != .revisionScoping { material.earlierRevisions = [] }
            for id in step.input.referencedStepIDs {
                material.solutions[id] = solutions[id]
                material.results[id] = results[id]
            }
            step.material = material
            steps[step.stepID] = step
        }
        return steps
    }

    /// By task, with its plan and its earlier revisions.
    private func materials(_ loaded: Loaded) throws -> [String: PromptMaterial] {
        var tasks: [String: PromptMaterial] = try loaded.tasks.dictionary { row in
            (
                try row("task_id"),
                PromptMaterial(
                    taskTitle: try row("title"), taskDescription: try row("description"),
                    taskContext: try row("context"))
            )
        }
        try loaded.subtasks.forEach { row in
            tasks[try row("task_id")]?.subtasks.append(try Self.subtask(&row))
        }
        try loaded.revisions?.forEach { row in
            tasks[try row("task_id")]?.earlierRevisions.append(
                PromptMaterial.EarlierRevision(
                    request: try row("revision_request"), scope: try row("scope"), status: try row("status")))
        }
        return tasks
    }

    private static func subtask(_ row: inout PostgresRow) throws -> PromptMaterial.Subtask {
        PromptMaterial.Subtask(
            id: try row("subtask_id"), key: try row("plan_key"), specialist: try row("assigned_agent_id") ?? "",
            title: try row("title"), description: try row("description"), deliverable: try row("deliverable"),
            covers: try row.strings("requirements"), priority: try row.priority("priority"),
            isComplex: try row("is_complex"), status: try row("status"), score: try row("best_score"))
    }
}
