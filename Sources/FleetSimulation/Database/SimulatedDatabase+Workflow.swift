import FleetCore
import Synchronization

/// Advances: the counterpart of `PostgresWorkflowStore` and its `TransitionWriter`.
extension SimulatedDatabase {
    func register(_ agents: [AgentSpec], bounds: AttemptBounds) {
        state.withLock { state in
            state.rows.bounds = bounds
            for agent in agents where state.rows.queues[agent.type] == nil {
                state.rows.queues[agent.type] = SimulatedRows.Queue()
            }
            state.rows.firstTypes = agents.filter { $0.role == StepKind.taskAnalysis.role }.map(\.type)
        }
    }

    func advance(
        limit: Int, dispatchLimit: Int, _ decide: Decision
    ) -> AdvanceReport {
        var report = advance(limit: limit, decide)
        if report.newSteps > 0 { report.tickets = dispatch(limitPerQueue: dispatchLimit) }
        return report
    }

    private func advance(
        limit: Int, _ decide: Decision
    ) -> AdvanceReport {
        let now = now
        return state.withLock { state in
            var report = AdvanceReport()
            let taken = state.rows.wakeUps.prefix(limit)
            report.wakeUps = taken.count
            let new = state.rows.admissible(limit: limit)
            report.admitted = new.count
            let taskIDs = Set(taken).sorted() + new.filter { !taken.contains($0) }
            state.rows.wakeUps.removeFirst(taken.count)
            for taskID in taskIDs {
                guard let task = state.rows.tasks[taskID],
                    let advance = decide(state.snapshot(of: task), { self.nextStepID() })
                else { continue }
                state.apply(advance, to: task, now: now)
                report.advanced += 1
                report.newSteps += advance.newSteps.count
                if advance.task.state.isTerminal && !task.record.state.isTerminal {
                    report.finished.append(
                        FinishedTask(
                            taskID: taskID, status: advance.status, priority: task.record.priority, age: nil,
                            createdAt: nil))
                }
            }
            return report
        }
    }
}

extension SimulatedRows {
    /// New tasks of the most urgent priority that there is, as far as the queues that they begin with have room.
    fileprivate func admissible(limit: Int) -> [String] {
        let new = newTasks
        guard let first = new.first?.record.priority.rank else { return [] }
        let ready = steps(in: .ready)
        let room = firstTypes.reduce(0) { sum, type in
            let places = 2 * (queues[type]?.window ?? 0)
            return sum + places - min(places, ready.count { $0.agentType == type && $0.priority <= first })
        }
        return new.prefix { $0.record.priority.rank == first }.prefix(max(0, min(limit, room))).map(\.record.id)
    }
}

extension SimulatedDatabase.State {
    fileprivate func snapshot(of task: SimulatedRows.Task) -> TaskSnapshot {
        var record = task.record
        record.revision = rows.revisions.first { $0.id == task.activeRevisionID }?.active
        let isFinished = record.state == .completed || record.state == .failed
        if isFinished, let pending = rows.revisions.first(where: { $0.taskID == record.id && $0.status == "pending" }) {
            record.request = .revise(pending.active)
        } else {
            record.request = task.isRetryRequested ? .retry : nil
        }
        let subtasks = rows.currentSubtasks(of: task).map(\.record)
        var steps: [Int: StepRecord] = [:]
        for id in [record.currentStepID].compactMap({ $0 }) + subtasks.compactMap(\.currentStepID) {
            guard let step = rows.steps[id] else { continue }
            steps[id] = StepRecord(
                id: id, kind: step.kind, state: step.state,
                output: rows.results[id]?.value, error: step.error,
                preview: rows.solutions[id].map { $0.content.cut(to: StepRecord.previewLength) })
        }
        return TaskSnapshot(task: record, subtasks: subtasks, steps: steps)
    }

    fileprivate mutating func apply(_ advance: TaskTransition, to old: SimulatedRows.Task, now: Int) {
        var task = old
        let id = task.record.id
        task.record = advance.task
        task.activeRevisionID = advance.task.revision?.id
        task.status = advance.status
        task.stage = advance.task.state.stage ?? task.stage
        if advance.status.isTerminal { task.checkpoint = nil }
        task.isRetryRequested = false
        task.updatedAt = now
        for offset in advance.events.indices {
            task.eventSequence += bugs.contains(.eventGap) && (task.eventSequence + offset) % 17 == 0 ? 2 : 1
            rows.events[id, default: []].append(task.eventSequence)
        }
        rows.tasks[id] = task
        for subtask in advance.newSubtasks {
            rows.subtasks[subtask.record.id] = SimulatedRows.Subtask(
                record: subtask.record, taskID: id, planNumber: advance.task.planNumber,
                description: subtask.node.description, deliverable: subtask.node.deliverable)
            rows.subtaskIDs[id, default: []].append(subtask.record.id)
        }
        for subtask in advance.changedSubtasks { rows.subtasks[subtask.id]?.record = subtask }
        for verdict in advance.verdicts {
            rows.solutions[verdict.stepID]?.metadata?.judge(score: verdict.score, isPartial: verdict.isPartial)
        }
        for step in advance.newSteps {
            insert(step, of: task)
            guard bugs.contains(.stepIsMadeTwice), step.id.isMultiple(of: 11) else { continue }
            var twin = step
            twin.id += 1_000_000
            insert(twin, of: task)
        }
        if advance.final != nil { rows.finals[id, default: 0] += 1 }
        if let change = advance.revision, let index = rows.revisions.firstIndex(where: { $0.id == change.id }) {
            rows.revisions[index].status = change.status
            rows.revisions[index].scope = change.scope ?? rows.revisions[index].scope
            rows.revisions[index].isFinished = change.isFinished
        }
        if advance.task.state.isTerminal
            && rows.revisions.contains(where: { $0.taskID == id && $0.status == "pending" })
        {
            rows.wakeUps.append(id)
        }
        note(advance, old)
    }

    private mutating func insert(_ step: NewStep, of task: SimulatedRows.Task) {
        let revisionTag = rows.revisions.first { $0.id == task.activeRevisionID }?.fairTag
        rows.steps[step.id] = SimulatedRows.Step(
            id: step.id, taskID: task.record.id, subtaskID: step.subtaskID, kind: step.kind, agentType: step.agentType,
            state: .ready, priority: step.priority.rank, fairTag: revisionTag ?? task.fairTag,
            cancelEpoch: task.cancelEpoch,
            input: step.input)
        rows.openSteps.insert(step.id)
        rows.stepIDs[task.record.id, default: []].append(step.id)
        var unaccepted: [String] = []
        if step.kind == .subtaskExecution, let subtask = step.subtaskID.flatMap({ rows.subtasks[$0] }) {
            let siblings = rows.currentSubtasks(of: task).map(\.record)
            unaccepted = subtask.record.dependencies.filter { key in
                !(siblings.first { $0.key == key }?.isAccepted ?? false)
            }
        }
        journal.append(
            .created(
                stepID: step.id, taskID: task.record.id, kind: step.kind, unacceptedDependencies: unaccepted))
    }

    private mutating func note(_ advance: TaskTransition, _ old: SimulatedRows.Task) {
        let (before, after) = (old.record, advance.task)
        if before.state.isTerminal && !after.state.isTerminal { journal.append(.restarted(taskID: after.id)) }
        if !before.state.isTerminal && after.progress < before.progress {
            journal.append(.progressFell(taskID: after.id, from: before.progress, to: after.progress))
        }
        if after.state.isTerminal && !before.state.isTerminal {
            journal.append(.reachedEnd(taskID: after.id, status: advance.status))
            journal.append(.finished(taskID: after.id, as: rows.line(of: after.id)))
        }
    }
}
