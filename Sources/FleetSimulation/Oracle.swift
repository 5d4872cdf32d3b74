import FleetCore

/// Judges a finished simulation by the invariants of the architecture.
///
/// It looks at the rows, at the journal of what was done to them, and at the providers' own books; it knows nothing of
/// how scheduler and worker decide.
struct Oracle {
    private(set) var violations: [Violation] = []
    let plan: SimulationPlan
    let fleet: SimulatedFleet
    /// Submissions whose acceptance was heard by their owner.
    private let accepted: [String]
    let rows: SimulatedRows
    let journal: [DatabaseEntry]
    let calls: [SimulatedProvider.Call]

    init(plan: SimulationPlan, fleet: SimulatedFleet, accepted: [String]) {
        self.plan = plan
        self.fleet = fleet
        self.accepted = accepted
        rows = fleet.database.rows
        journal = fleet.database.journal
        calls = fleet.provider.calls
    }

    mutating func note(_ invariant: String, _ text: String) {
        violations.append(Violation(invariant: invariant, text: text))
    }

    /// - Parameters:
    ///   - ended: every task reached its end in time.
    ///   - healed: from when to when nothing was wrong any more and tasks were open.
    mutating func judge(ended: Bool, healed: Range<Duration>) {
        judgeEndings(ended: ended)
        judgeAnswers()
        judgeSteps()
        judgeTakeovers()
        judgeWork()
        judgeLimits()
        judgeProgress(healed)
        judgeCalls()
        judgeBooks()
        judgeEvents()
        judgeRest(ended: ended)
    }

    /// I1, I2: every accepted task is there and ended once in each of its runs.
    private mutating func judgeEndings(ended: Bool) {
        for id in accepted where rows.tasks[id] == nil { note("I2", "\(id) was accepted and is not there") }
        if !ended {
            for (id, task) in rows.tasks.sorted(by: { $0.key < $1.key })
            where !task.record.state.isTerminal || task.activeRevisionID != nil {
                let open = (rows.stepIDs[id] ?? []).filter { rows.openSteps.contains($0) }.compactMap { rows.steps[$0] }
                let text = open.map { "step \($0.id) \($0.kind) \($0.state) worker \($0.workerID ?? 0)" }
                note("I1", "\(id) did not end: \(task.record.state), \(text)")
            }
        }
        var isEnded: Set<String> = []
        for entry in journal {
            switch entry {
            case .reachedEnd(let id, let status):
                if !isEnded.insert(id).inserted && status != .cancelled { note("I1", "\(id) ended twice") }
            case .restarted(let id): isEnded.remove(id)
            case .progressFell(let id, let from, let to): note("I1", "progress of \(id) fell from \(from) to \(to)")
            default: break
            }
        }
    }

    /// A: whatever is cancelled, a task that has come to its end keeps what it came to.
    private mutating func judgeAnswers() {
        var ends: [String: String] = [:]
        for entry in journal {
            switch entry {
            case .finished(let id, let line): ends[id] = line
            case .wentBack(let id, let line) where ends[id] != line:
                note("A", "\(id) went back to \(line), not to \(ends[id] ?? "an end")")
            case .reachedEnd(let id, .cancelled) where ends[id] != nil:
                note("A", "\(id) was cancelled although it had come to \(ends[id] ?? "an end")")
            default: break
            }
        }
    }

    /// I3, I4, I10, I11: one effective result per step, parents first, only whole answers, the urgent ones first.
    private mutating func judgeSteps() {
        var results: [Int: Int] = [:]
        let endings = Dictionary(calls.map { ($0.key, $0.ending) }, uniquingKeysWith: { _, last in last })
        for entry in journal {
            switch entry {
            case .settled(let id, let attempt, let state) where state.isTerminal:
                results[id, default: 0] += 1
                guard state == .succeeded else { continue }
                let wasWhole = (1...2 * plan.market.models.count).contains {
                    endings["step-\(id)-\(attempt)-\($0)"] == .answered(isValid: true)
                }
                if !wasWhole { note("I10", "step \(id) succeeded without a whole answer in attempt \(attempt)") }
            case .created(let id, let task, _, let unaccepted) where !unaccepted.isEmpty:
                note("I4", "step \(id) of \(task) was made before \(unaccepted) were accepted")
            case .dispatched(_, let overtaken) where !overtaken.isEmpty:
                note("I11", "steps \(overtaken) were overtaken by less urgent ones")
            default: break
            }
        }
        for (id, count) in results.sorted(by: { $0.key < $1.key }) where count > 1 {
            note("I3", "step \(id) has \(count) results")
        }
    }

    /// Leases are taken from the dead only, and soon after their death.
    private mutating func judgeTakeovers() {
        for case .takenOver(let id, let attempt, let worker, let at) in journal {
            let moment = plan.stepsClock ? nil : fleet.time(ofWallClock: at)
            guard !fleet.wasDisturbed(worker: worker, at: moment) else { continue }
            note("I6", "attempt \(attempt) of step \(id) was taken from worker \(worker), which was well")
        }
        guard plan.measuresTakeover else { return }
        var cancelled: Set<String> = []
        for entry in journal {
            if case .cancelled(let taskID) = entry { cancelled.insert(taskID) }
            // What was cancelled runs nowhere any more: its lease runs out.
            guard case .takenOver(let id, _, let worker, let at) = entry, let step = rows.steps[id],
                !cancelled.contains(step.taskID), let death = fleet.timeOfDeath(worker: worker)
            else { continue }
            let delay = fleet.time(ofWallClock: at) - death
            if delay > Self.longestTakeover { note("T", "step \(id) was taken over \(delay) after its worker died") }
        }
    }

    /// A killed worker's steps run elsewhere within 2 s; the broker, the claim and the next heartbeat included.
    static let longestTakeover: Duration = .seconds(2)

    /// I6: whatever was asked of a provider is in the ledger, or its attempt is marked as lost.
    private mutating func judgeCalls() {
        for call in calls {
            guard let key = SimulatedRows.CallKey(call.key) else {
                note("I6", "a call without a key")
                continue
            }
            if rows.ledger[key] == nil && rows.ledger[key.ofAttempt]?.outcome != "lost" {
                note("I6", "call \(call.key) (\(call.ending)) of \(call.process) is not in the ledger")
            }
        }
    }

    /// I9: each task's events are numbered 1, 2, 3 and so on.
    private mutating func judgeEvents() {
        for (id, numbers) in rows.events.sorted(by: { $0.key < $1.key }) {
            if numbers != Array(1...max(1, numbers.count)) { note("I9", "the events of \(id) have a gap") }
            if numbers.last != rows.tasks[id]?.eventSequence { note("I9", "\(id) counts other events than it has") }
        }
    }

    /// I8, I12: nothing is left over, and tickets did not multiply.
    private mutating func judgeRest(ended: Bool) {
        guard ended else { return }
        if fleet.broker.held > 0 { note("I12", "\(fleet.broker.held) tickets are left at the broker") }
        if !rows.openSteps.isEmpty { note("I8", "steps \(rows.openSteps.sorted()) are open at rest") }
        let claims = journal.count { if case .claimed = $0 { true } else { false } }
        if fleet.broker.published > 3 * claims + 200 {
            note("I8", "\(fleet.broker.published) tickets for \(claims) claims")
        }
    }

    /// Of the journal and the calls; comparable within one process.
    var fingerprint: Int {
        var hasher = Hasher()
        hasher.combine(journal)
        hasher.combine(calls)
        return hasher.finalize()
    }
}
