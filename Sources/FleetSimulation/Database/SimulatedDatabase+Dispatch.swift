import FleetCore
import Synchronization

/// Dispatch and parking: the counterpart of `PostgresWorkflowStore+Dispatch`.
extension SimulatedDatabase {
    /// Steps of one type that may wait for capacity outside the dispatch order.
    private static let parkedStepsPerType = 64

    func dispatch(limitPerQueue: Int) -> [Ticket] {
        let now = now
        return state.withLock { state in
            var dispatched: [SimulatedRows.Step] = []
            let ready = Dictionary(grouping: state.rows.steps(in: .ready), by: \.agentType)
            let outstanding = state.rows.steps(in: .dispatched)
            let parked = state.rows.steps(in: .parked)
            for type in ready.keys.sorted() {
                guard let queue = state.rows.queues[type], !queue.isPaused else { continue }
                let crowd = parked.filter {
                    $0.agentType == type && ($0.waitReason?.isForCapacity ?? false)
                }.map(\.priority).sorted()
                let closedFrom = crowd.count > Self.parkedStepsPerType ? crowd[Self.parkedStepsPerType] : Int.max
                let candidates = (ready[type] ?? []).filter { $0.priority < closedFrom }.sorted(by: Self.isEarlier)
                // A priority's window is what it and more urgent ones have out.
                let next = candidates.enumerated().prefix { place, step in
                    let busy = outstanding.count { $0.agentType == type && $0.priority <= step.priority }
                    return place < min(limitPerQueue, queue.window - busy)
                }.map(\.element)
                dispatched += next
                if let last = next.last {
                    state.journal.append(
                        .dispatched(
                            stepIDs: next.map(\.id),
                            overtaken: candidates.dropFirst(next.count).filter { $0.priority < last.priority }
                                .map(\.id)))
                }
            }
            for step in dispatched {
                state.rows.update(step.id) { step in
                    step.state = .dispatched
                    step.dispatchedAt = now
                }
                state.rows.fairClocks[step.priority] = max(state.rows.fairClocks[step.priority], step.fairTag)
            }
            return dispatched.sorted(by: Self.isEarlier).map(Self.ticket)
        }
    }

    func undoDispatch(stepIDs: [Int]) {
        state.withLock { state in
            for id in stepIDs where state.rows.steps[id]?.state == .dispatched {
                state.rows.update(id) { $0.state = .ready }
            }
        }
    }

    func releaseParked(limit: Int) -> ParkedReport {
        let now = now
        return state.withLock { state in
            let parked = state.rows.steps(in: .parked).sorted {
                ($0.notBefore ?? 0, $0.id) < ($1.notBefore ?? 0, $1.id)
            }
            let due = parked.filter { ($0.notBefore ?? 0) <= now }.prefix(limit)
            var tickets: [Ticket] = []
            for step in due {
                let isCancelled = state.rows.isCancelled(step)
                let isTurn = step.waitReason == .reservedTurn && !isCancelled
                state.rows.update(step.id) { step in
                    step.state = isCancelled ? .cancelled : (isTurn ? .dispatched : .ready)
                    step.dispatchedAt = now
                }
                if isTurn { tickets.append(Self.ticket(step)) }
            }
            let next = due.count == limit ? now : parked.first { ($0.notBefore ?? 0) > now }?.notBefore
            return ParkedReport(
                released: due.count - tickets.count, tickets: tickets,
                nextDue: next.map { .microseconds(max(0, $0 - now)) })
        }
    }

    func load() -> [QueueLoad] {
        state.withLock { state in
            [StepState.ready, .dispatched, .running, .parked].flatMap { stepState in
                var counts = Dictionary(grouping: state.rows.steps(in: stepState), by: \.agentType).mapValues(\.count)
                let new = state.rows.newTasks.count
                if stepState == .ready, new > 0, let first = state.rows.firstType { counts[first, default: 0] += new }
                return counts.keys.sorted().map { QueueLoad(agentType: $0, state: stepState, steps: counts[$0] ?? 0) }
            }
        }
    }

    private static func isEarlier(_ left: SimulatedRows.Step, _ right: SimulatedRows.Step) -> Bool {
        (left.priority, left.fairTag, left.id) < (right.priority, right.fairTag, right.id)
    }

    private static func ticket(_ step: SimulatedRows.Step) -> Ticket {
        Ticket(
            stepID: step.id, taskID: step.taskID, subtaskID: step.subtaskID, agentType: step.agentType,
            attempt: step.attempt, priority: Priority(rank: step.priority) ?? .medium)
    }
}
