import FleetCore
import PostgresClient

/// Collects the changes of many advances into one multi-row statement per table.
struct AdvanceWriter {
    /// Events to announce once the transaction has committed.
    private(set) var announcements: [(taskID: String, json: String)] = []

    private var tasks: [(advance: Advance, before: TaskRecord, eventSequence: Int)] = []
    private var postponedTaskIDs: [String] = []
    private var newSubtasks: [(NewSubtask, task: TaskRecord)] = []
    private var changedSubtasks: [SubtaskRecord] = []
    private var newSteps: [(NewStep, task: LoadedTask, fairTag: Int)] = []
    private var events: [(taskID: String, sequence: Int, type: String, payload: String)] = []
    private var interactions: [(id: String, taskID: String, Interaction)] = []
    private var verdicts: [SolutionVerdict] = []
    private var finals: [(taskID: String, FinalAnswer, sequence: Int)] = []
    private var revisions: [RevisionChange] = []
    private var finishedTaskIDs: [String] = []
    /// Steps whose answers were accepted for good, with their scores if they have any.
    private var completed: [(stepID: Int, score: Double?)] = []

    mutating func add(_ advance: Advance, to loaded: LoadedTask) {
        let taskID = advance.task.id
        var sequence = loaded.eventSequence
        let timestamp = Timestamp.iso8601(microseconds: loaded.now)
        // Every interaction is announced by an event, so the stream's numbers name the interactions as well.
        for (offset, interaction) in advance.interactions.enumerated() {
            interactions.append(("int_\(taskID.suffix(26))_\(sequence + offset + 1)", taskID, interaction))
        }
        for event in advance.events {
            sequence += 1
            let text = event.payload(taskID: taskID, sequence: sequence, timestamp: timestamp)
            events.append((taskID, sequence, event.type, text))
            announcements.append((taskID, text))
        }
        tasks.append((advance, loaded.snapshot.task, sequence))
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
    private mutating func count(_ advance: Advance, since before: TaskSnapshot) {
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

    /// The statements to run, in an order that satisfies the foreign keys.
    var entries: [(PostgresStatement, [PostgresValue])] {
        typealias Statements = PostgresWorkflowStore.Statements
        var entries: [(PostgresStatement, [PostgresValue])] = []
        if !postponedTaskIDs.isEmpty { entries.append((Statements.postpone, [.textArray(postponedTaskIDs)])) }
        if !tasks.isEmpty { entries.append((Statements.updateTasks, taskColumns)) }
        if !newSubtasks.isEmpty { entries.append((Statements.insertSubtasks, newSubtaskColumns)) }
        if !changedSubtasks.isEmpty { entries.append((Statements.updateSubtasks, changedSubtaskColumns)) }
        if !newSteps.isEmpty { entries.append((Statements.insertSteps, stepColumns)) }
        if !verdicts.isEmpty { entries.append((Statements.judgeSolutions, verdictColumns)) }
        entries += finalEntries
        if !revisions.isEmpty {
            entries.append(
                (
                    Statements.moveRevisions,
                    [
                        .textArray(revisions.map(\.id)), .textArray(revisions.map(\.status)),
                        .textArray(revisions.map { $0.scope?.rawValue }), .boolArray(revisions.map(\.isFinished)),
                    ]
                ))
        }
        if !completed.isEmpty {
            entries.append(
                (
                    Statements.insertTallies,
                    [.int8Array(completed.map(\.stepID)), .float8Array(completed.map(\.score))]
                ))
        }
        if !finishedTaskIDs.isEmpty {
            entries.append((Statements.wakeForPendingRevisions, [.textArray(finishedTaskIDs)]))
        }
        if !interactions.isEmpty {
            entries.append(
                (
                    Statements.insertInteractions,
                    [
                        .textArray(interactions.map(\.id)), .textArray(interactions.map(\.taskID)),
                        .textArray(interactions.map(\.2.agentType)), .textArray(interactions.map(\.2.type)),
                        .textArray(interactions.map(\.2.action)), .textArray(interactions.map(\.2.description)),
                        .jsonbArray(interactions.map { $0.2.metadata.serialized() }),
                    ]
                ))
        }
        if !events.isEmpty {
            entries.append(
                (
                    Statements.insertEvents,
                    [
                        .textArray(events.map(\.taskID)), .int8Array(events.map(\.sequence)),
                        .textArray(events.map(\.type)), .jsonbArray(events.map(\.payload)),
                    ]
                ))
        }
        return entries
    }

    private var taskColumns: [PostgresValue] {
        let rows = tasks.map(\.advance)
        let records = rows.map(\.task)
        return [
            .textArray(records.map(\.id)), .textArray(rows.map(\.status.rawValue)),
            .textArray(records.map(\.state.rawValue)), .int4Array(records.map { Int32($0.progress) }),
            .int8Array(records.map(\.currentStepID)), .jsonbArray(tasks.map(Self.analysis)),
            .jsonbArray(tasks.map(Self.selection)),
            .int4Array(records.map { Int32($0.planNumber) }), .int4Array(records.map { Int32($0.planRepairs) }),
            .int4Array(records.map { Int32($0.finalRevisions) }), .int8Array(records.map(\.analysisStepID)),
            .int8Array(records.map(\.coordinationStepID)), .int8Array(records.map(\.synthesisStepID)),
            .int4Array(records.map { Int32($0.answerVersion) }), .textArray(records.map { $0.revision?.id }),
            .jsonbArray(records.map { JSONValue.strings($0.limitations).serialized() }),
            .textArray(rows.map(\.failure)), .int8Array(tasks.map(\.eventSequence)),
            .boolArray(rows.map(\.status.isTerminal)), .int8Array(records.map(\.finalReviewStepID)),
            .textArray(records.map(\.state.stage?.rawValue)),
            .int4Array(records.map { Int32($0.lastPlanNumber) }),
        ]
    }

    /// Nil: as before.
    private static func analysis(_ task: (advance: Advance, before: TaskRecord, eventSequence: Int)) -> String? {
        let analysis = task.advance.task.analysis
        return analysis == task.before.analysis ? nil : analysis?.json.serialized() ?? "null"
    }

    /// Nil: as before.
    private static func selection(_ task: (advance: Advance, before: TaskRecord, eventSequence: Int)) -> String? {
        let selection = task.advance.task.selection
        return selection == task.before.selection
            ? nil : JSONValue.array(selection.map(\.json)).serialized()
    }

    private var newSubtaskColumns: [PostgresValue] {
        let rows = newSubtasks.map(\.0)
        return [
            .textArray(rows.map(\.record.id)), .textArray(newSubtasks.map(\.task.id)),
            .textArray(rows.map(\.record.specialist)), .textArray(rows.map(\.record.title)),
            .textArray(rows.map(\.node.description)),
            .jsonbArray(rows.map { JSONValue.strings($0.node.covers).serialized() }),
            .textArray(rows.map(\.record.status.rawValue)), .int4Array(rows.map { Int32($0.record.priority.rank) }),
            .int4Array(newSubtasks.map { Int32($0.task.planNumber) }), .int4Array(rows.map { Int32($0.ordinal) }),
            .textArray(rows.map(\.record.key)),
            .jsonbArray(rows.map { JSONValue.strings($0.record.dependencies).serialized() }),
            .textArray(rows.map(\.node.deliverable)), .boolArray(rows.map(\.record.isComplex)),
            .int8Array(rows.map(\.record.currentStepID)), .textArray(rows.map { $0.record.acceptance?.rawValue }),
            .textArray(rows.map(\.record.failure)),
        ]
    }

    private var changedSubtaskColumns: [PostgresValue] {
        let rows = changedSubtasks
        return [
            .textArray(rows.map(\.id)), .textArray(rows.map(\.specialist)), .textArray(rows.map(\.status.rawValue)),
            .textArray(rows.map { $0.acceptance?.rawValue }), .boolArray(rows.map(\.isPartial)),
            .int4Array(rows.map { Int32($0.cycle) }), .int8Array(rows.map(\.currentStepID)),
            .int4Array(rows.map { Int32($0.version) }), .int8Array(rows.map(\.latestSolutionStepID)),
            .int8Array(rows.map(\.bestSolutionStepID)), .float8Array(rows.map(\.bestScore)),
            .int8Array(rows.map(\.reviewStepID)), .textArray(rows.map(\.failure)),
            .jsonbArray(rows.map { JSONValue.strings($0.triedSpecialists).serialized() }),
            .textArray(rows.map(feedback)), .int8Array(rows.map(\.bestReviewStepID)),
            .jsonbArray(rows.map { JSONValue.array($0.reviewStepIDs.map { .integer($0) }).serialized() }),
            .boolArray(rows.map(\.isShortened)),
        ]
    }

    /// What the manager said now about a subtask's newest or best solution.
    private func feedback(_ subtask: SubtaskRecord) -> String? {
        verdicts.last { $0.stepID == subtask.latestSolutionStepID || $0.stepID == subtask.bestSolutionStepID }?.feedback
    }

    private var stepColumns: [PostgresValue] {
        let rows = newSteps.map(\.0)
        return [
            .int8Array(rows.map(\.id)), .textArray(newSteps.map(\.task.snapshot.task.id)),
            .textArray(rows.map(\.subtaskID)), .textArray(rows.map(\.kind.rawValue)), .textArray(rows.map(\.agentType)),
            .int4Array(rows.map { Int32($0.priority.rank) }),
            .int8Array(newSteps.map(\.fairTag)), .int4Array(newSteps.map { Int32($0.task.cancelEpoch) }),
            .jsonbArray(rows.map { $0.input.json.serialized() }),
        ]
    }

    private var verdictColumns: [PostgresValue] {
        // A solution may be judged and then accepted as the best so far in one advance: the last word counts.
        var last: [Int: SolutionVerdict] = [:]
        for verdict in verdicts { last[verdict.stepID] = verdict }
        let rows = last.values.sorted { $0.stepID < $1.stepID }
        return [
            .int8Array(rows.map(\.stepID)), .boolArray(rows.map { $0.verdict == .accepted }),
            .textArray(rows.map(\.feedback)), .float8Array(rows.map(\.score)), .boolArray(rows.map(\.isPartial)),
            .textArray(rows.map(\.verdict.rawValue)),
            .jsonbArray(rows.map { JSONValue.strings($0.adjustedBy).serialized() }),
        ]
    }

    private var finalEntries: [(PostgresStatement, [PostgresValue])] {
        typealias Statements = PostgresWorkflowStore.Statements
        var entries: [(PostgresStatement, [PostgresValue])] = []
        var copies: [(taskID: String, stepID: Int, FinalAnswer, sequence: Int)] = []
        for (taskID, final, sequence) in finals {
            switch final.source {
            case .step(let stepID): copies.append((taskID, stepID, final, sequence))
            case .solutions(let stepIDs):
                entries.append(
                    (
                        Statements.insertAssembledFinal,
                        [
                            .text(taskID), .text(final.agentType), .int8Array(stepIDs),
                            .jsonb(JSONValue.strings(final.limitations).serialized()), .int4(Int32(final.version)),
                            .int8(sequence),
                        ]
                    ))
            }
        }
        guard !copies.isEmpty else { return entries }
        entries.append(
            (
                Statements.insertFinal,
                [
                    .textArray(copies.map(\.taskID)), .int8Array(copies.map(\.stepID)),
                    .textArray(copies.map(\.2.agentType)), .int4Array(copies.map { Int32($0.2.version) }),
                    .jsonbArray(copies.map { JSONValue.strings($0.2.limitations).serialized() }),
                    .boolArray(copies.map(\.2.isPartial)), .int8Array(copies.map(\.sequence)),
                ]
            ))
        return entries
    }
}
