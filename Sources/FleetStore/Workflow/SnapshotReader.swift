import FleetCore
import JSON
import PostgresClient

/// A snapshot with what the rows need besides it when they are written back.
struct LoadedTask {
    var snapshot: TaskSnapshot
    var eventSequence: Int
    var fairTag: Int
    /// That of the revision which is worked on or wanted; nil without one.
    var revisionTag: Int?
    var cancelEpoch: Int
    /// Since its submission; nil if it was finished before.
    var age: Duration?
    /// The transaction's time in microseconds since 1970.
    var now: Int
}

/// Turns the rows of the four loading statements into snapshots.
struct SnapshotReader {
    let tasks: PostgresRows
    let subtasks: PostgresRows
    let steps: PostgresRows
    let revisions: PostgresRows

    /// The tasks that can be read, and by task what is wrong with the others.
    func read() throws -> (tasks: [LoadedTask], unreadable: [String: String]) {
        var unreadable: [String: String] = [:]
        func each<Value>(
            _ rows: PostgresRows, _ read: (String, inout PostgresRow) throws -> Value
        ) throws -> [(String, Value)] {
            try rows.map { row -> (String, Value)? in
                let taskID: String = try row("task_id")
                do {
                    return (taskID, try read(taskID, &row))
                } catch let error as StoreError {
                    unreadable[taskID] = error.message
                    row.skipRest()
                    return nil
                }
            }.compactMap(\.self)
        }
        let subtasks = Dictionary(grouping: try each(self.subtasks) { try Self.subtask(&$1) }, by: \.0)
        let steps = Dictionary(grouping: try each(self.steps) { try Self.step(&$1) }, by: \.0)
        // Of those that wait the oldest, which comes first.
        let revisions = Dictionary(try each(self.revisions) { try Revision(&$1) }) { first, _ in first }
        let tasks = try each(self.tasks) { taskID, row in
            let revision = revisions[taskID]
            return LoadedTask(
                snapshot: TaskSnapshot(
                    task: try Self.task(taskID, &row, revision), subtasks: subtasks[taskID]?.map(\.1) ?? [],
                    steps: Dictionary(steps[taskID]?.map { ($0.1.id, $0.1) } ?? []) { _, last in last }),
                eventSequence: try row("event_seq"), fairTag: try row("fair_tag"), revisionTag: revision?.fairTag,
                cancelEpoch: try row("cancel_epoch"), age: try Self.age(&row), now: try row.time("now"))
        }
        return (tasks.filter { unreadable[$0.0] == nil }.map(\.1), unreadable)
    }

    private static func age(_ row: inout PostgresRow) throws -> Duration? {
        let seconds: Double? = try row("age")
        return seconds.map { .seconds(max(0, $0)) }
    }

    /// A row of `revisions`: worked on, or wanted.
    private struct Revision {
        let request: ActiveRevision
        let isActive: Bool
        let fairTag: Int?

        init(_ row: inout PostgresRow) throws {
            isActive = try row("is_active")
            request = ActiveRevision(
                id: try row("revision_id"), request: try row("revision_request"),
                areas: try row.strings("specific_areas"), scope: try row.ifKnown("scope"),
                priority: try row.known("priority"))
            fairTag = try row("fair_tag")
        }
    }

    private static func task(_ id: String, _ row: inout PostgresRow, _ revision: Revision?) throws -> TaskRecord {
        var task = TaskRecord(
            id: id, userID: try row("user_id"), title: try row("title"), description: try row("description"),
            priority: try row.known("priority"))
        task.state = try row.known("workflow_state")
        task.progress = try row("progress")
        task.currentStepID = try row("current_step_id")
        task.analysis = try row.json("analysis").map(TaskAnalysis.init)
        task.selection = try row.json("selection")?.array?.compactMap(SelectedSpecialist.init) ?? []
        task.planNumber = try row("plan_number")
        task.planRepairs = try row("plan_repairs")
        task.finalRevisions = try row("final_revisions")
        task.analysisStepID = try row("analysis_step_id")
        task.coordinationStepID = try row("coordination_step_id")
        task.synthesisStepID = try row("synthesis_step_id")
        task.answerVersion = try row("answer_version")
        task.limitations = try row.strings("limitations")
        let isRetryRequested: Bool = try row("retry_requested")
        task.lastPlanNumber = try row("last_plan_number")
        task.finalReviewStepID = try row("final_review_step_id")
        task.preferredModel = try row("preferred_model")
        if let revision, revision.isActive {
            task.revision = revision.request
        } else if let revision {
            task.request = .revise(revision.request)
        } else if isRetryRequested {
            task.request = .retry
        }
        return task
    }

    private static func subtask(_ row: inout PostgresRow) throws -> SubtaskRecord {
        var subtask = SubtaskRecord(
            id: try row("subtask_id"), key: try row("plan_key"), title: try row("title"),
            specialist: try row("assigned_agent_id") ?? "", dependencies: try row("depends_on"),
            priority: try row.priority("priority"), isComplex: try row("is_complex"))
        subtask.status = try row.known("status")
        subtask.acceptance = try row.ifKnown("acceptance_status")
        subtask.isPartial = try row("is_partial")
        subtask.cycle = try row("cycle")
        subtask.currentStepID = try row("current_step_id")
        subtask.version = try row("version")
        subtask.latestSolutionStepID = try row("latest_solution_step_id")
        subtask.bestSolutionStepID = try row("best_solution_step_id")
        subtask.bestScore = try row("best_score")
        subtask.reviewStepID = try row("review_step_id")
        subtask.triedSpecialists = try row("tried_agents")
        subtask.failure = try row("failure")
        subtask.covers = try row.strings("requirements")
        subtask.bestReviewStepID = try row("best_review_step_id")
        subtask.reviewStepIDs = try row("review_step_ids")
        subtask.isShortened = try row("is_shortened")
        return subtask
    }

    private static func step(_ row: inout PostgresRow) throws -> StepRecord {
        StepRecord(
            id: try row("step_id"), kind: try row.known("kind"), state: try row.known("state"),
            output: try row.json("output"), error: try row("error"), preview: try row("preview"))
    }
}
