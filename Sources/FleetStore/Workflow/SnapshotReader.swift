import FleetCore
import PostgresClient

/// A snapshot with what the rows need besides it when they are written back.
struct LoadedTask {
    var snapshot: TaskSnapshot
    var eventSequence: Int
    var fairTag: Int
    /// That of the revision which is worked on or wanted; nil without one.
    var revisionTag: Int?
    var cancelEpoch: Int
    /// The transaction's time in microseconds since 1970.
    var now: Int
}

/// Turns the rows of the four loading statements into snapshots; columns as in their SELECT lists.
struct SnapshotReader {
    let tasks: PostgresRows
    let subtasks: PostgresRows
    let steps: PostgresRows
    let revisions: PostgresRows

    /// The tasks that can be read, and by task what is wrong with the others.
    func read() throws -> (tasks: [LoadedTask], unreadable: [String: String]) {
        var unreadable: [String: String] = [:]
        func value<Value>(_ taskID: String, _ read: () throws -> Value) throws -> Value? {
            do {
                return try read()
            } catch let error as StoreError {
                unreadable[taskID] = error.message
                return nil
            }
        }
        var subtasksByTask: [String: [SubtaskRecord]] = [:]
        for row in 0..<subtasks.count {
            let taskID = try subtasks.text(row, 0)
            guard let subtask = try value(taskID, { try subtask(row) }) else { continue }
            subtasksByTask[taskID, default: []].append(subtask)
        }
        var stepsByTask: [String: [Int: StepRecord]] = [:]
        for row in 0..<steps.count {
            let taskID = try steps.text(row, 0)
            guard let step = try value(taskID, { try step(row) }) else { continue }
            stepsByTask[taskID, default: [:]][step.id] = step
        }
        var revisionByTask: [String: Revision] = [:]
        for row in 0..<revisions.count {
            let taskID = try revisions.text(row, 0)
            guard revisionByTask[taskID] == nil, let revision = try value(taskID, { try revision(row) }) else {
                continue
            }
            revisionByTask[taskID] = revision
        }
        var loaded: [LoadedTask] = []
        for row in 0..<tasks.count {
            let taskID = try tasks.text(row, 0)
            let revision = revisionByTask[taskID]
            guard let task = try value(taskID, { try task(row, revision) }), unreadable[taskID] == nil else { continue }
            loaded.append(
                LoadedTask(
                    snapshot: TaskSnapshot(
                        task: task, subtasks: subtasksByTask[taskID] ?? [], steps: stepsByTask[taskID] ?? [:]),
                    eventSequence: try tasks.int(row, 19), fairTag: try tasks.int(row, 20),
                    revisionTag: revision?.fairTag, cancelEpoch: try tasks.int(row, 21),
                    now: try tasks.timestamptz(row, 23)))
        }
        return (loaded, unreadable)
    }

    /// A row of `revisions`: worked on, or wanted.
    private struct Revision {
        var request: ActiveRevision
        var isActive: Bool
        var fairTag: Int?
    }

    private func task(_ row: Int, _ revision: Revision?) throws -> TaskRecord {
        var task = TaskRecord(
            id: try tasks.text(row, 0), userID: try tasks.text(row, 1), title: try tasks.text(row, 2),
            description: try tasks.text(row, 3), priority: try known(try tasks.text(row, 4), "priority"))
        task.state = try known(try tasks.text(row, 5), "workflow_state")
        task.progress = try tasks.int(row, 6)
        task.currentStepID = try tasks.optionalInt(row, 7)
        task.analysis = try json(tasks.optionalText(row, 8)).map(TaskAnalysis.init)
        task.selection = try json(tasks.optionalText(row, 9))?.array?.compactMap(SelectedSpecialist.init) ?? []
        task.planNumber = try tasks.int(row, 10)
        task.lastPlanNumber = try tasks.int(row, 22)
        task.planRepairs = try tasks.int(row, 11)
        task.finalRevisions = try tasks.int(row, 12)
        task.analysisStepID = try tasks.optionalInt(row, 13)
        task.coordinationStepID = try tasks.optionalInt(row, 14)
        task.synthesisStepID = try tasks.optionalInt(row, 15)
        task.answerVersion = try tasks.int(row, 16)
        task.limitations = try json(tasks.optionalText(row, 17))?.array?.compactMap(\.string) ?? []
        task.finalReviewStepID = try tasks.optionalInt(row, 24)
        if let revision, revision.isActive {
            task.revision = revision.request
        } else if let revision {
            task.request = .revise(revision.request)
        } else if try tasks.bool(row, 18) {
            task.request = .retry
        }
        return task
    }

    private func revision(_ row: Int) throws -> Revision {
        Revision(
            request: ActiveRevision(
                id: try revisions.text(row, 2), request: try revisions.text(row, 3),
                areas: try json(revisions.optionalText(row, 4))?.array?.compactMap(\.string) ?? [],
                scope: try revisions.optionalText(row, 5).flatMap(RevisionScope.init(rawValue:)),
                priority: try known(try revisions.text(row, 6), "priority")),
            isActive: try revisions.bool(row, 1), fairTag: try revisions.optionalInt(row, 7))
    }

    private func subtask(_ row: Int) throws -> SubtaskRecord {
        var subtask = SubtaskRecord(
            id: try subtasks.text(row, 1), key: try subtasks.text(row, 2), title: try subtasks.text(row, 3),
            specialist: try subtasks.optionalText(row, 4) ?? "",
            dependencies: try subtasks.textArray(row, 5).compactMap { $0 },
            priority: Priority(rank: try subtasks.int(row, 6)) ?? .medium, isComplex: try subtasks.bool(row, 7))
        subtask.status = try known(try subtasks.text(row, 8), "subtask status")
        subtask.acceptance = try subtasks.optionalText(row, 9).flatMap(ReviewVerdict.init(rawValue:))
        subtask.isPartial = try subtasks.bool(row, 10)
        subtask.cycle = try subtasks.int(row, 11)
        subtask.currentStepID = try subtasks.optionalInt(row, 12)
        subtask.version = try subtasks.int(row, 13)
        subtask.latestSolutionStepID = try subtasks.optionalInt(row, 14)
        subtask.bestSolutionStepID = try subtasks.optionalInt(row, 15)
        subtask.bestScore = try subtasks.isNull(row, 16) ? nil : subtasks.float8(row, 16)
        subtask.reviewStepID = try subtasks.optionalInt(row, 17)
        subtask.triedSpecialists = try subtasks.textArray(row, 18).compactMap { $0 }
        subtask.failure = try subtasks.optionalText(row, 19)
        subtask.covers = try json(subtasks.optionalText(row, 20))?.array?.compactMap(\.string) ?? []
        subtask.bestReviewStepID = try subtasks.optionalInt(row, 21)
        subtask.reviewStepIDs = try subtasks.textArray(row, 22).compactMap { Int($0) }
        subtask.isShortened = try subtasks.bool(row, 23)
        return subtask
    }

    private func step(_ row: Int) throws -> StepRecord {
        StepRecord(
            id: try steps.int(row, 1), kind: try known(try steps.text(row, 2), "step kind"),
            state: try known(try steps.text(row, 3), "step state"), output: try json(steps.optionalText(row, 5)),
            error: try steps.optionalText(row, 4), preview: try steps.optionalText(row, 6))
    }

    private func json(_ text: String?) throws -> JSONValue? {
        guard let text else { return nil }
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw StoreError(.unreadableRow, "a JSON column cannot be read: \(error)")
        }
    }

    private func known<Value: RawRepresentable<String>>(_ text: String, _ what: String) throws -> Value {
        guard let value = Value(rawValue: text) else {
            throw StoreError(.unreadableRow, "unknown \(what) '\(text)': written by a newer program?")
        }
        return value
    }
}
