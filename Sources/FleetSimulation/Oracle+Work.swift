import FleetCore

/// What each step has cost beside what its history allows.
extension Oracle {
    /// I6: nobody is asked again what he has answered, and nothing is tried more often than it may be.
    mutating func judgeWork() {
        let attempts = Dictionary(grouping: calls.compactMap(AskedCall.init)) { $0.key.ofAttempt }
        var endings: [SimulatedRows.CallKey: StepState] = [:]
        var lost: Set<SimulatedRows.CallKey> = []
        for entry in journal {
            switch entry {
            case .settled(let id, let attempt, let state):
                endings[SimulatedRows.CallKey(stepID: id, attempt: attempt, number: 0)] = state
            case .takenOver(let id, let attempt, _, _):
                lost.insert(SimulatedRows.CallKey(stepID: id, attempt: attempt, number: 0))
            default: break
            }
        }
        var failed: [Int: Int] = [:]
        for (key, calls) in attempts.sorted(by: { ($0.key.stepID, $0.key.attempt) < ($1.key.stepID, $1.key.attempt) }) {
            let ending = endings[key]
            judge(calls, of: key, ending)
            let isPaid = calls.contains { $0.call.cost > .zero && isFailure($0) }
            if isPaid, ending == .parked || ending == .dead {
                failed[key.stepID, default: 0] += 1
            }
        }
        for (id, count) in failed.sorted(by: { $0.key < $1.key }) where count > Self.mostFailures {
            note("I6", "step \(id) was paid for in vain \(count) times")
        }
        judgeDead(attempts, lost)
        judgeTwins()
    }

    /// The first attempt and five more.
    private static let mostFailures = Backoff().maximumRetries + 1

    /// One attempt asks each model once, and once more for a repair; and it ends with the first answer that can be used.
    private mutating func judge(_ calls: [AskedCall], of attempt: SimulatedRows.CallKey, _ ending: StepState?) {
        let what = "attempt \(attempt.attempt) of step \(attempt.stepID)"
        for (model, asked) in Dictionary(grouping: calls, by: \.call.model) where asked.count > 2 {
            note("I6", "\(what) asked \(model) \(asked.count) times")
        }
        guard let answer = calls.first(where: { rows.ledger[$0.key]?.outcome == "succeeded" }) else { return }
        if calls.contains(where: { $0.key.number > answer.key.number }) {
            note("I6", "\(what) went on after a good answer")
        }
        if let ending, ending != .succeeded && ending != .cancelled {
            note("I6", "\(what) had a good answer and came to \(ending)")
        }
    }

    /// No step is given up before its attempts are used up: waits for credit, for limits or for somebody's hand are none.
    private mutating func judgeDead(
        _ attempts: [SimulatedRows.CallKey: [AskedCall]], _ lost: Set<SimulatedRows.CallKey>
    ) {
        let dead = Set(rows.steps.values.filter { $0.state == .dead }.map(\.id))
        guard !dead.isEmpty else { return }
        var failed: [Int: Set<Int>] = [:]
        for (key, calls) in attempts where dead.contains(key.stepID) {
            if calls.contains(where: { isFailure($0) }) { failed[key.stepID, default: []].insert(key.attempt) }
        }
        for key in fleet.provider.unheard.compactMap({ SimulatedRows.CallKey($0) }) where dead.contains(key.stepID) {
            failed[key.stepID, default: []].insert(key.attempt)
        }
        for id in dead.sorted() {
            let crashes = lost.count { $0.stepID == id }
            let count = failed[id]?.count ?? 0
            if count < Self.mostFailures && crashes < SweepPolicy.maximumCrashes {
                note("I6", "step \(id) is dead after \(count) failed attempts and \(crashes) crashes")
            }
        }
    }

    /// A call that counts as a failed attempt if it is the last one.
    private func isFailure(_ asked: AskedCall) -> Bool {
        switch asked.call.ending {
        case .failed(.overloaded), .failed(.serverError), .failed(.timedOut), .failed(.truncated), .failed(.malformed),
            .failed(.refused), .answered(isValid: false):
            true
        case .answered(isValid: true): rows.ledger[asked.key]?.outcome == "invalid_answer"
        default: false
        }
    }

    /// No two steps of a task do the same work.
    private mutating func judgeTwins() {
        var seen: [String: Int] = [:]
        for step in rows.steps.values.sorted(by: { $0.id < $1.id }) where step.state == .succeeded {
            let work =
                "\(step.taskID) \(step.subtaskID ?? "-") \(step.kind) \(step.agentType) \(step.cancelEpoch) \(step.input)"
            if let first = seen[work] { note("I6", "steps \(first) and \(step.id) are the same \(step.kind)") }
            seen[work] = step.id
        }
    }
}

/// A call with its key read.
private struct AskedCall {
    var key: SimulatedRows.CallKey
    var call: SimulatedProvider.Call

    init?(_ call: SimulatedProvider.Call) {
        guard let key = SimulatedRows.CallKey(call.key) else { return nil }
        self.key = key
        self.call = call
    }
}
