package import FleetCore
import Synchronization

/// What owners of tasks do: the counterpart of `PostgresTaskRepository`.
extension SimulatedDatabase {
    /// Writes tasks that are not there yet: doing it again after a lost reply changes nothing.
    package func submit(_ tasks: [NewTask]) {
        let now = now
        state.withLock { state in
            for new in tasks where state.rows.tasks[new.id] == nil {
                let rank = new.submission.priority.rank
                let flow = SimulatedRows.Flow(
                    priority: rank, name: "\(new.userID)/\(new.submission.batch ?? "")")
                let tag = state.rows.nextTag(of: flow)
                state.rows.tasks[new.id] = SimulatedRows.Task(
                    record: TaskRecord(
                        id: new.id, userID: new.userID, title: new.submission.title,
                        description: new.submission.description, priority: new.submission.priority),
                    context: new.submission.contextText, status: .pending, eventSequence: 1, fairTag: tag,
                    updatedAt: now, flow: flow.name)
                state.rows.events[new.id] = [1]
                state.journal.append(.submitted(taskID: new.id))
            }
        }
    }

    /// Cancels an unfinished task, or of a finished one what its owner asked for afterwards; nothing happens if there is
    /// nothing to cancel.
    package func cancel(_ taskID: String) {
        let now = now
        state.withLock { state in
            guard let task = state.rows.tasks[taskID] else { return }
            if task.status.isTerminal {
                guard task.isRetryRequested else { return }
                state.rows.tasks[taskID]?.isRetryRequested = false
                state.rows.tasks[taskID]?.checkpoint = nil
                state.rows.tasks[taskID]?.updatedAt = now
                return
            }
            state.endOpenSteps(of: taskID)
            if let checkpoint = task.checkpoint, !state.bugs.contains(.cancelTakesAnswer) {
                state.restore(task, to: checkpoint, now: now)
            } else {
                state.end(task, now: now)
            }
            for index in state.rows.revisions.indices
            where state.rows.revisions[index].taskID == taskID && !state.rows.revisions[index].isFinished {
                state.rows.revisions[index].status = "cancelled"
                state.rows.revisions[index].isFinished = true
            }
        }
    }

    /// Asks for a revision of a finished task; nothing happens to an unfinished one.
    package func revise(_ taskID: String, revisionID: String, _ request: RevisionRequest) {
        let now = now
        state.withLock { state in
            guard var task = state.rows.tasks[taskID], task.status.isTerminal, task.status != .cancelled,
                !task.isRetryRequested,
                !state.rows.revisions.contains(where: { $0.id == revisionID })
            else { return }
            let priority = request.priority ?? task.record.priority
            let tag = state.rows.nextTag(of: SimulatedRows.Flow(priority: priority.rank, name: task.flow))
            state.rows.revisions.append(
                SimulatedRows.Revision(
                    id: revisionID, taskID: taskID, request: request.request, areas: request.areas,
                    scope: request.scope, priority: priority, fairTag: tag))
            task.checkpoint = state.rows.checkpoint(of: task)
            task.status = .revisionPending
            task.updatedAt = now
            task.append(eventTo: &state.rows)
            state.rows.tasks[taskID] = task
            state.rows.wakeUps.append(taskID)
        }
    }

    /// Asks for another try of the failed parts of a finished task.
    package func retry(_ taskID: String) {
        let now = now
        state.withLock { state in
            guard let task = state.rows.tasks[taskID], task.status == .partialCompletion || task.status == .failed
            else { return }
            let checkpoint = state.rows.checkpoint(of: task)
            state.rows.tasks[taskID]?.isRetryRequested = true
            state.rows.tasks[taskID]?.checkpoint = checkpoint
            state.rows.tasks[taskID]?.updatedAt = now
            state.rows.wakeUps.append(taskID)
        }
    }
}

extension SimulatedDatabase.State {
    /// Except running ones: their workers settle those.
    fileprivate mutating func endOpenSteps(of taskID: String) {
        for id in rows.stepIDs[taskID] ?? [] {
            guard let step = rows.steps[id], [.ready, .dispatched, .parked].contains(step.state) else { continue }
            rows.update(id) { step in
                step.state = .cancelled
                (step.waitReason, step.notBefore) = (nil, nil)
            }
        }
    }

    /// Ends a task that has never been finished.
    fileprivate mutating func end(_ task: SimulatedRows.Task, now: Int) {
        var task = task
        let id = task.record.id
        task.status = .cancelled
        task.record.state = .cancelled
        task.stop(at: now)
        for _ in 0..<2 { task.append(eventTo: &rows) }
        rows.tasks[id] = task
        rows.endSubtasks(of: id)
        journal.append(.cancelled(taskID: id))
        journal.append(.reachedEnd(taskID: id, status: .cancelled))
    }

    /// Ends a revision or a retry: the task is again what it was when that was asked for.
    fileprivate mutating func restore(
        _ task: SimulatedRows.Task, to checkpoint: SimulatedRows.Checkpoint, now: Int
    ) {
        let id = task.record.id
        let hadBegun = !task.record.state.isTerminal
        var task = task
        let lastPlanNumber = task.record.lastPlanNumber
        task.record = checkpoint.record
        task.record.lastPlanNumber = lastPlanNumber
        task.status = checkpoint.status
        task.stage = checkpoint.stage
        task.checkpoint = nil
        task.stop(at: now)
        for _ in 0..<(hadBegun ? 2 : 1) { task.append(eventTo: &rows) }
        rows.tasks[id] = task
        rows.endSubtasks(of: id, after: checkpoint.record.planNumber)
        for subtask in checkpoint.subtasks { rows.subtasks[subtask.record.id] = subtask }
        journal.append(.cancelled(taskID: id))
        journal.append(.wentBack(taskID: id, to: rows.line(of: id)))
        if hadBegun { journal.append(.reachedEnd(taskID: id, status: task.status)) }
    }
}

extension SimulatedRows {
    fileprivate func checkpoint(of task: Task) -> Checkpoint {
        Checkpoint(record: task.record, status: task.status, stage: task.stage, subtasks: currentSubtasks(of: task))
    }

    /// Those that are not settled, of all plans or of later ones.
    fileprivate mutating func endSubtasks(of taskID: String, after planNumber: Int = 0) {
        for id in subtaskIDs[taskID] ?? [] {
            guard let subtask = subtasks[id], subtask.planNumber > planNumber, !subtask.record.status.isTerminal
            else { continue }
            subtasks[id]?.record.status = .cancelled
            subtasks[id]?.record.currentStepID = nil
        }
    }
}

extension SimulatedRows.Task {
    fileprivate mutating func stop(at now: Int) {
        record.currentStepID = nil
        cancelEpoch += 1
        activeRevisionID = nil
        isRetryRequested = false
        updatedAt = now
    }

    fileprivate mutating func append(eventTo rows: inout SimulatedRows) {
        eventSequence += 1
        rows.events[record.id, default: []].append(eventSequence)
    }
}
