import FleetCore
import Synchronization

/// Claims, settlements, heartbeats: the counterpart of `PostgresStepStore`.
extension SimulatedDatabase {
    func registerWorker(agentTypes: [String], slots: Int) -> Int {
        let now = now
        return state.withLock { state in
            state.rows.nextWorkerID += 1
            state.rows.workers[state.rows.nextWorkerID] = SimulatedRows.Worker(
                agentTypes: agentTypes, slots: slots, heartbeatAt: now)
            return state.rows.nextWorkerID
        }
    }

    func heartbeat(worker: Int, isDraining: Bool) -> Heartbeat {
        let now = now
        return state.withLock { state in
            let isKnown = state.rows.workers[worker] != nil
            if let last = state.rows.workers[worker]?.heartbeatAt, now - last > 2_000_000 {
                state.rows.workers[worker]?.wasLateAt = now
            }
            state.rows.workers[worker]?.heartbeatAt = now
            state.rows.workers[worker]?.state = isDraining ? .draining : .active
            let cancelled = state.rows.steps(in: .running).filter {
                $0.workerID == worker && state.rows.isCancelled($0)
            }
            return Heartbeat(
                isKnown: isKnown, databaseTime: now, cancelledSteps: cancelled.map(\.id), limits: state.rows.limits)
        }
    }

    func retire(worker: Int) {
        state.withLock { $0.rows.workers[worker]?.state = .retired }
    }

    func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) -> [ClaimResult] {
        let now = now
        return state.withLock { state in
            var claimed: [Int: ClaimedStep] = [:]
            for request in requests.sorted(by: { $0.stepID < $1.stepID }) where claimed[request.stepID] == nil {
                let silentSince = now - Self.microseconds(deadAfter)
                claimed[request.stepID] = state.claim(request, worker: worker, silentSince: silentSince, now: now)
            }
            var given: Set<Int> = []
            return requests.map { request in
                if let step = claimed[request.stepID] {
                    return given.insert(request.stepID).inserted ? .claimed(step) : .notClaimable
                }
                if request.isRedelivered, let step = state.rows.steps[request.stepID], step.state == .running,
                    let holder = step.workerID.flatMap({ state.rows.workers[$0] })
                {
                    return .heldByQuietWorker(lastHeartbeat: holder.heartbeatAt)
                }
                return .notClaimable
            }
        }
    }

    func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) {
        state.withLock { state in
            for id in stepIDs {
                guard let step = state.rows.steps[id], step.workerID == worker, step.state == .running,
                    step.startedAt ?? 0 <= claimedBefore
                else { continue }
                let isCancelled = state.rows.steps[id].map { state.rows.isCancelled($0) } ?? false
                state.rows.update(id) { step in
                    step.state = isCancelled ? .cancelled : .ready
                    step.workerID = nil
                }
            }
        }
    }

    func note(_ waits: [LimitWaitNote], worker: Int) -> [Bool] {
        state.withLock { state in
            waits.map { note in
                guard let step = state.rows.steps[note.stepID], step.state == .running, step.workerID == worker,
                    step.attempt == note.attempt
                else { return false }
                let isTakenBack = step.waitNote.map { $0.wait == nil } ?? false
                if !isTakenBack { state.rows.update(step.id) { $0.waitNote = note } }
                return true
            }
        }
    }

    func settle(_ settlements: [Settlement], worker: Int) -> [SettlementResult] {
        let now = now
        return state.withLock { state in
            var woken: Set<String> = []
            let results = settlements.map { settlement in
                state.settle(settlement, worker: worker, now: now, &woken)
            }
            state.rows.wakeUps += woken.sorted()
            return results
        }
    }
}

extension SimulatedDatabase.State {
    fileprivate mutating func claim(
        _ request: ClaimRequest, worker: Int, silentSince: Int, now: Int
    ) -> ClaimedStep? {
        guard let step = rows.steps[request.stepID], !rows.isCancelled(step) else { return nil }
        let isOrphan =
            step.state == .running && request.isRedelivered && step.workerID != worker
            && step.crashes + 1 < SweepPolicy.maximumCrashes
            && !(step.workerID.flatMap { rows.workers[$0] }.map { $0.isServing && $0.heartbeatAt > silentSince }
                ?? false)
        guard step.state == .dispatched || step.state == .ready || isOrphan else { return nil }
        if isOrphan {
            if !step.isUncalled { rows.writeLost(step, at: now) }
            journal.append(
                .takenOver(stepID: step.id, attempt: step.attempt, worker: step.workerID ?? 0, at: now))
        }
        rows.update(step.id) { step in
            step.state = .running
            step.attempt += 1
            step.workerID = worker
            step.startedAt = now
            step.waitNote = nil
            if isOrphan { step.crashes += 1 }
        }
        start(step)
        journal.append(.claimed(stepID: step.id, attempt: step.attempt + 1, worker: worker, at: now))
        return ClaimedStep(
            stepID: step.id, attempt: step.attempt + 1, kind: step.kind, agentType: step.agentType,
            taskID: step.taskID, subtaskID: step.subtaskID, failures: step.failures, throttles: step.throttles,
            holdsTurn: step.waitReason == .reservedTurn, input: step.input, material: material(of: step))
    }

    /// A subtask whose execution is claimed is in progress from that moment.
    private mutating func start(_ step: SimulatedRows.Step) {
        guard step.kind == .subtaskExecution, let id = step.subtaskID, let subtask = rows.subtasks[id],
            subtask.record.currentStepID == step.id,
            subtask.record.status == .assigned || subtask.record.status == .needsRevision
        else { return }
        rows.subtasks[id]?.record.status = .inProgress
        rows.subtasks[id]?.isStarted = true
    }

    private func material(of step: SimulatedRows.Step) -> PromptMaterial {
        guard let task = rows.tasks[step.taskID] else {
            return PromptMaterial(taskTitle: "", taskDescription: "", taskContext: nil)
        }
        var material = PromptMaterial(
            taskTitle: task.record.title, taskDescription: task.record.description, taskContext: task.context)
        if StepInput.needsPlan(step.kind) {
            let isWhole = step.kind == .revisionScoping
            material.subtasks = rows.currentSubtasks(of: task).map { subtask in
                let isShown = isWhole || subtask.record.id == step.subtaskID
                return PromptMaterial.Subtask(
                    id: subtask.record.id, key: subtask.record.key, specialist: subtask.record.specialist,
                    title: subtask.record.title, description: isShown ? subtask.description : "",
                    deliverable: isShown ? subtask.deliverable : "", covers: subtask.record.covers,
                    priority: subtask.record.priority, isComplex: subtask.record.isComplex,
                    status: subtask.record.status.rawValue, score: subtask.record.bestScore)
            }
        }
        if step.kind == .revisionScoping {
            material.earlierRevisions = rows.revisions.filter {
                $0.taskID == step.taskID && $0.id != task.activeRevisionID && $0.isFinished
            }.map {
                PromptMaterial.EarlierRevision(request: $0.request, scope: $0.scope?.rawValue, status: $0.status)
            }
        }
        for id in step.input.referencedStepIDs {
            material.solutions[id] = rows.solutions[id].map {
                PromptMaterial.Solution(
                    subtaskID: $0.subtaskID, content: $0.content, version: $0.version, agentType: $0.agentType,
                    metadata: $0.metadata?.json)
            }
            material.results[id] = rows.results[id]?.json
        }
        return material
    }

    fileprivate mutating func settle(
        _ settlement: Settlement, worker: Int, now: Int, _ woken: inout Set<String>
    ) -> SettlementResult {
        for call in settlement.calls { rows.write(call, of: settlement, at: now) }
        guard let step = rows.steps[settlement.stepID] else { return .stale }
        let isHeld = step.attempt == settlement.attempt && step.state == .running && step.workerID == worker
        guard isHeld || bugs.contains(.missingFence) else {
            rows.resolveLost(settlement)
            return .stale
        }

        let settlement = bugs.contains(.answerIsAskedForAgain) ? settlement.puttingAnswerAside : settlement
        let effect = settlement.outcome.effect
        let next = rows.isCancelled(step) ? .cancelled : effect.state
        let longSleep = bugs.contains(.parkedStepsSleepLong) ? 90_000_000 : 0
        let isCounted = !bugs.contains(.failuresAreNotCounted)
        rows.update(step.id) { step in
            step.state = next
            step.workerID = nil
            (step.waitReason, step.error) = (effect.waitReason, effect.error)
            if let delay = effect.delay { step.notBefore = now + SimulatedDatabase.microseconds(delay) + longSleep }
            step.failures += isCounted ? effect.failures : 0
            step.throttles += effect.throttles
        }
        if next == .succeeded, let answer = effect.answer { store(answer, of: step) }
        if next == .dead { rows.deadLetters.append((step.id, "retries_exhausted")) }
        if next != .parked && next != .ready { woken.insert(step.taskID) }
        journal.append(.settled(stepID: step.id, attempt: settlement.attempt, state: next))
        return .applied
    }

    private mutating func store(_ answer: StepOutcome.Answer, of step: SimulatedRows.Step) {
        if step.kind.solutionType == nil {
            rows.results[step.id] = answer
        } else {
            rows.solutions[step.id] = SimulatedRows.Solution(
                taskID: step.taskID, subtaskID: step.subtaskID, content: answer.content, version: answer.version,
                agentType: step.agentType,
                metadata: step.kind == .subtaskExecution ? SolutionMetadata(answer) : nil)
        }
    }
}

extension Settlement {
    /// A planted bug: an answer of now and then is as good as none.
    fileprivate var puttingAnswerAside: Settlement {
        guard case .succeeded = outcome, attempt == 1, stepID.isMultiple(of: 11) else { return self }
        var settlement = self
        settlement.outcome = .retry(after: .seconds(1), reason: .backoff, error: nil, countsAsFailure: false)
        return settlement
    }
}
