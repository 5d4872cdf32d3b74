import FleetCore
import Synchronization

/// The sweep: the counterpart of `PostgresWorkflowStore+Sweep`.
extension SimulatedDatabase {
    func sweep(_ policy: SweepPolicy) -> SweepReport {
        let now = now
        return state.withLock { state in
            var report = SweepReport()
            let oldest = now - Self.microseconds(policy.lease)
            for id in state.rows.workers.keys where state.rows.workers[id]?.isServing ?? false {
                if state.rows.workers[id]?.heartbeatAt ?? now < oldest { state.rows.workers[id]?.state = .lost }
                if state.bugs.contains(.latenessIsNotForgiven), let late = state.rows.workers[id]?.wasLateAt,
                    late < now - 15_000_000
                {
                    state.rows.workers[id]?.state = .lost
                }
            }
            state.takeOver(policy, &report, now)
            if !state.bugs.contains(.ticketsNeverSwept) { state.reissue(policy, &report, now) }
            state.wakeIdleTasks(&report, now)
            state.setWindows()
            state.rows.fairTags = state.rows.fairTags.filter { flow, tag in
                tag >= state.rows.fairClocks[flow.priority] - 100_000
            }
            return report
        }
    }

    func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) {
        state.withLock { $0.rows.deadLetters.append((Ticket.stepID(in: ticket.body), reason)) }
    }

    static func microseconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds) * 1_000_000 + Int(duration.components.attoseconds / 1_000_000_000_000)
    }
}

extension SimulatedDatabase.State {
    fileprivate mutating func takeOver(_ policy: SweepPolicy, _ report: inout SweepReport, _ now: Int) {
        var woken: Set<String> = []
        for step in rows.steps(in: .running) {
            guard let worker = step.workerID, let holder = rows.workers[worker],
                holder.state == .lost || holder.state == .retired
            else { continue }
            let isDead = step.crashes + 1 >= policy.maximumCrashes
            let next: StepState = rows.isCancelled(step) ? .cancelled : (isDead ? .dead : .ready)
            rows.update(step.id) { step in
                step.crashes += 1
                step.workerID = nil
                step.state = next
                step.error = next == .dead ? "its workers died \(step.crashes) times" : nil
            }
            if !step.isUncalled { rows.writeLost(step, at: now) }
            journal.append(.takenOver(stepID: step.id, attempt: step.attempt, worker: worker, at: now))
            if next == .dead {
                rows.deadLetters.append((step.id, "crash_loop"))
                report.dead += 1
            } else {
                report.takenOver += 1
            }
            if next != .ready { woken.insert(step.taskID) }
        }
        rows.wakeUps += woken.sorted()
    }

    fileprivate mutating func reissue(_ policy: SweepPolicy, _ report: inout SweepReport, _ now: Int) {
        for step in rows.steps(in: .dispatched) {
            guard let depth = policy.queueDepths[step.agentType] else { continue }
            let patience = policy.ticketGrace * (1 << min(step.reissues, 6)) * (depth == 0 ? 1 : 30)
            guard (step.dispatchedAt ?? now) < now - SimulatedDatabase.microseconds(patience) else { continue }
            let isCancelled = rows.isCancelled(step)
            rows.update(step.id) { step in
                step.state = isCancelled ? .cancelled : .ready
                step.reissues = min(step.reissues + 1, 10)
            }
            report.reissued += 1
        }
    }

    fileprivate mutating func wakeIdleTasks(_ report: inout SweepReport, _ now: Int) {
        for id in rows.tasks.keys.sorted() {
            guard let task = rows.tasks[id],
                task.record.state != .pending,
                !task.record.state.isTerminal || task.activeRevisionID != nil || task.isRetryRequested
                    || task.status == .revisionPending,
                task.updatedAt < now - 10_000_000,
                !(rows.stepIDs[id] ?? []).contains(where: { rows.openSteps.contains($0) }), !rows.wakeUps.contains(id)
            else { continue }
            rows.wakeUps.append(id)
            report.wokenUp += 1
        }
    }

    fileprivate mutating func setWindows() {
        for type in rows.queues.keys {
            let slots = rows.workers.values.filter { $0.state == .active && $0.agentTypes.contains(type) }
                .reduce(0) { $0 + $1.slots }
            rows.queues[type]?.window = max(16, slots)
        }
    }
}
