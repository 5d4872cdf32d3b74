public import FleetCore
import Synchronization

/// What owners of tasks do: the counterpart of `PostgresTaskRepository`.
extension SimulatedDatabase {
    /// Writes tasks that are not there yet: doing it again after a lost reply changes nothing.
    public func submit(_ tasks: [NewTask]) {
        let now = now
        state.withLock { state in
            for new in tasks where state.rows.tasks[new.id] == nil {
                let rank = new.submission.priority.rank
                let flow = SimulatedRows.Flow(
                    priority: rank, name: "\(new.userID)/\(new.submission.batch ?? "")")
                let clock = state.rows.fairClocks[rank]
                let tag = max(clock, state.rows.fairTags[flow] ?? clock) + 1
                state.rows.fairTags[flow] = tag
                state.rows.tasks[new.id] = SimulatedRows.Task(
                    record: TaskRecord(
                        id: new.id, userID: new.userID, title: new.submission.title,
                        description: new.submission.description, priority: new.submission.priority),
                    context: new.submission.context?.serialized(), status: .pending, eventSequence: 1, fairTag: tag,
                    updatedAt: now)
                state.rows.events[new.id] = [1]
                state.rows.wakeUps.append(new.id)
                state.journal.append(.submitted(taskID: new.id))
            }
        }
    }

    /// Cancels an unfinished task; nothing happens to a finished one.
    public func cancel(_ taskID: String) {
        let now = now
        state.withLock { state in
            guard var task = state.rows.tasks[taskID], !task.status.isTerminal else { return }
            task.status = .cancelled
            task.record.state = .cancelled
            task.record.currentStepID = nil
            task.cancelEpoch += 1
            task.activeRevisionID = nil
            task.isRetryRequested = false
            task.updatedAt = now
            task.append(eventTo: &state.rows)
            state.rows.tasks[taskID] = task
            for id in state.rows.stepIDs[taskID] ?? [] {
                guard let step = state.rows.steps[id], [.ready, .dispatched, .parked].contains(step.state) else {
                    continue
                }
                state.rows.update(id) { step in
                    step.state = .cancelled
                    (step.waitReason, step.notBefore) = (nil, nil)
                }
            }
            for index in state.rows.revisions.indices
            where state.rows.revisions[index].taskID == taskID && !state.rows.revisions[index].isFinished {
                state.rows.revisions[index].status = "cancelled"
                state.rows.revisions[index].isFinished = true
            }
            state.journal.append(.cancelled(taskID: taskID))
            state.journal.append(.reachedEnd(taskID: taskID, status: .cancelled))
        }
    }

    /// Asks for a revision of a finished task; nothing happens to an unfinished one.
    public func revise(_ taskID: String, revisionID: String, _ request: RevisionRequest) {
        let now = now
        state.withLock { state in
            guard var task = state.rows.tasks[taskID], task.status.isTerminal, task.status != .cancelled,
                !task.isRetryRequested,
                !state.rows.revisions.contains(where: { $0.id == revisionID })
            else { return }
            state.rows.revisions.append(
                SimulatedRows.Revision(
                    id: revisionID, taskID: taskID, request: request.request, areas: request.areas,
                    scope: request.scope))
            task.status = .revisionPending
            task.updatedAt = now
            task.append(eventTo: &state.rows)
            state.rows.tasks[taskID] = task
            state.rows.wakeUps.append(taskID)
        }
    }

    /// Asks for another try of the failed parts of a finished task.
    public func retry(_ taskID: String) {
        let now = now
        state.withLock { state in
            guard let status = state.rows.tasks[taskID]?.status, status == .partialCompletion || status == .failed
            else { return }
            state.rows.tasks[taskID]?.isRetryRequested = true
            state.rows.tasks[taskID]?.updatedAt = now
            state.rows.wakeUps.append(taskID)
        }
    }
}

extension SimulatedRows.Task {
    fileprivate mutating func append(eventTo rows: inout SimulatedRows) {
        eventSequence += 1
        rows.events[record.id, default: []].append(eventSequence)
    }
}
