import FleetCore
import JSON
import PostgresClient

/// Collects the changes of many advances into one multi-row statement per table.
struct TransitionWriter {
    /// To be announced as well, once the transaction has committed.
    private(set) var events: [EventBatch] = []

    private var tasks: [TaskChange] = []
    private var postponedTaskIDs: [String] = []
    private var newSubtasks: [(new: NewSubtask, task: TaskRecord)] = []
    private var changedSubtasks: [SubtaskRecord] = []
    private var newSteps: [(new: NewStep, task: LoadedTask, fairTag: Int)] = []
    private var verdicts: [SolutionVerdict] = []
    private var finals: [(taskID: String, answer: FinalAnswer, sequence: Int)] = []
    private var revisions: [RevisionChange] = []
    private var finishedTaskIDs: [String] = []
    /// Steps whose answers were accepted for good, with their scores if they have any.
    private var completed: [(stepID: Int, score: Double?)] = []

    mutating func add(_ advance: TaskTransition, to loaded: LoadedTask) {
        let taskID = advance.task.id
        let batch = EventBatch(taskID: taskID, after: loaded.eventSequence, time: loaded.now, events: advance.events)
        if !batch.events.isEmpty { events.append(batch) }
        let sequence = batch.lastSequence
        tasks.append(TaskChange(advance: advance, before: loaded.snapshot.task, eventSequence: sequence))
        newSubtasks += advance.newSubtasks.map { ($0, advance.task) }
        changedSubtasks += advance.changedSubtasks
        let fairTag = (advance.task.revision == nil ? nil : loaded.revisionTag) ?? loaded.fairTag
        newSteps += advance.newSteps.map { ($0, loaded, fairTag) }
        verdicts += advance.verdicts
        if let final = advance.final {
            finals.append((taskID, final, sequence))
        }
        if let revision = advance.revision { revisions.append(revision) }
        if advance.task.state.isTerminal { finishedTaskIDs.append(taskID) }
        count(advance, since: loaded.snapshot)
    }

    /// What agents have completed: subtasks that were not accepted before, and of a task that has come to its answer the
    /// work of manager, coordinator and analyst.
    private mutating func count(_ advance: TaskTransition, since before: TaskSnapshot) {
        for subtask in advance.changedSubtasks where subtask.isAccepted {
            let wasAccepted = before.subtasks.first { $0.id == subtask.id }?.isAccepted ?? false
            guard !wasAccepted, let best = subtask.bestSolutionStepID else { continue }
            completed.append((best, subtask.bestScore))
        }
        guard advance.task.state == .completed && before.task.state != .completed else { return }
        let task = advance.task
        for stepID in [task.analysisStepID, task.coordinationStepID, task.synthesisStepID].compactMap(\.self) {
            completed.append((stepID, nil))
        }
    }

    /// These tasks get their wake-up back.
    mutating func postpone(_ taskIDs: [String]) {
        postponedTaskIDs += taskIDs
    }

    /// The statements to run, in order.
    var entries: [(PostgresStatement, [PostgresValue])] {
        typealias Others = PostgresWorkflowStore.Statements
        var entries: [(PostgresStatement, [PostgresValue])] = []
        func add<Row>(_ statement: TableStatement<Row>, _ rows: [Row]) {
            if !rows.isEmpty { entries.append(statement(rows)) }
        }
        if !postponedTaskIDs.isEmpty { entries.append((Others.postpone, [.textArray(postponedTaskIDs)])) }
        add(Statements.updateTasks, tasks)
        add(Statements.insertSubtasks, newSubtasks)
        add(Statements.updateSubtasks, changedSubtasks.map { (record: $0, feedback: feedback($0)) })
        add(Statements.insertSteps, newSteps)
        add(Statements.judgeSolutions, lastVerdicts)
        entries += assembledFinals
        add(Statements.insertFinal, copiedFinals)
        add(Statements.moveRevisions, revisions)
        add(Statements.insertTallies, completed)
        if !finishedTaskIDs.isEmpty {
            entries.append((Others.wakeForPendingRevisions, [.textArray(finishedTaskIDs)]))
        }
        add(EventBatch.insert, events)
        return entries
    }

    /// What the manager said now about a subtask's newest or best solution.
    private func feedback(_ subtask: SubtaskRecord) -> String? {
        verdicts.last { $0.stepID == subtask.latestSolutionStepID || $0.stepID == subtask.bestSolutionStepID }?.feedback
    }

    /// A solution may be judged and then accepted as the best so far in one advance: the last word counts.
    private var lastVerdicts: [SolutionVerdict] {
        Dictionary(verdicts.map { ($0.stepID, $0) }, uniquingKeysWith: { _, last in last }).values
            .sorted { $0.stepID < $1.stepID }
    }

    private var copiedFinals: [(taskID: String, stepID: Int, answer: FinalAnswer, sequence: Int)] {
        finals.compactMap { final in
            guard case .step(let stepID) = final.answer.source else { return nil }
            return (final.taskID, stepID, final.answer, final.sequence)
        }
    }

    private var assembledFinals: [(PostgresStatement, [PostgresValue])] {
        finals.compactMap { final in
            guard case .solutions(let stepIDs) = final.answer.source else { return nil }
            return (
                Statements.insertAssembledFinal,
                [
                    .text(final.taskID), .text(final.answer.agentType), .int8Array(stepIDs),
                    .jsonb(JSONValue.strings(final.answer.limitations).serialized()),
                    .int4(Int32(final.answer.version)), .int8(final.sequence),
                ]
            )
        }
    }

    /// A task's row as an advance leaves it.
    struct TaskChange: Sendable {
        let advance: TaskTransition
        let before: TaskRecord
        let eventSequence: Int

        var task: TaskRecord { advance.task }

        /// Nil if it has not changed: long columns are written only when they do.
        var analysis: String? { task.analysis == before.analysis ? nil : task.analysis?.json.serialized() ?? "null" }

        var selection: String? {
            task.selection == before.selection ? nil : JSONValue.array(task.selection.map(\.json)).serialized()
        }
    }
}
