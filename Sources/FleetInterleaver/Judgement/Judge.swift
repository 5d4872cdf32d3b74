import FleetCore
import PostgresClient

/// Holds the rows, at rest, against what the parties did and were told.
struct Judge {
    private let plan: InterleavingPlan
    let journal: Journal.Content
    private(set) var violations: [String] = []

    init(plan: InterleavingPlan, journal: Journal.Content) {
        self.plan = plan
        self.journal = journal
    }

    mutating func note(_ invariant: String, _ text: String) {
        violations.append("\(invariant): \(text)")
    }

    mutating func judge(_ session: PostgresSession) throws {
        for error in journal.errors { note("E", error) }
        try judgeEndings(session)
        judgeClaims()
        try judgeSettlings(session)
        judgeTakeovers()
        judgeCancellations()
        try judgeLedger(session)
        try judgeRevisions(session)
        judgePauses()
        try judgePurges(session)
        try judgeReplays(session)
        for lie in try RestingRows.lies(session) { note("R", lie) }
    }

    /// I1, I2, I8: every accepted task has ended, and nothing of it is left over. Nobody has looked for lost wake-ups.
    private mutating func judgeEndings(_ session: PostgresSession) throws {
        let tasks = try session.rows(
            "tasks",
            """
            SELECT task_id, status, workflow_state, active_revision_id IS NOT NULL OR retry_requested AS is_wanted
            FROM tasks
            ORDER BY task_id
            """)
        var found: Set<String> = []
        try tasks.forEach { row in
            let (id, status, state): (String, String, String) = (
                try row("task_id"), try row("status"), try row("workflow_state")
            )
            found.insert(id)
            if try row("is_wanted") || WorkflowState(rawValue: state)?.isTerminal != true {
                note("I1", "\(id) did not end: \(status), \(state)")
            }
        }
        for id in journal.accepted where !found.contains(id) { note("I2", "\(id) was accepted and is not there") }
        let open = try session.rows(
            "open_steps",
            """
            SELECT concat_ws(' ', 'step', step_id, kind, 'of', task_id, 'is', state, 'worker', worker_id) FROM steps
            WHERE state IN ('ready', 'dispatched', 'running', 'parked') ORDER BY step_id
            """)
        for step: String in try open.column() { note("I8", step) }
    }

    /// I3: an attempt is one worker's.
    private mutating func judgeClaims() {
        for (attempt, claims) in Dictionary(grouping: journal.claims, by: \.attempt) where claims.count > 1 {
            note("I3", "\(attempt.text) was claimed \(claims.count) times")
        }
    }

    /// I3: one effective result per step, of its last attempt and of the worker that held it.
    private mutating func judgeSettlings(_ session: PostgresSession) throws {
        let steps = try session.rows("results", "SELECT step_id, attempt FROM steps")
        let attempts: [Int: Int] = try steps.dictionary { (try $0("step_id"), try $0("attempt")) }
        let holders = journal.firstClaims
        var ended: [Int: Int] = [:]
        for settling in journal.settlings where settling.result == .applied {
            let attempt = settling.attempt
            if holders[attempt]?.worker != settling.worker {
                note("I3", "\(attempt.text) was settled by worker \(settling.worker), which did not hold it")
            }
            let later = journal.claims.first {
                $0.attempt.stepID == attempt.stepID && $0.attempt.number > attempt.number && $0.ended <= settling.began
            }
            if let later { note("I3", "\(attempt.text) was settled after \(later.attempt.text) was claimed") }
            guard settling.outcome.isFinal else { continue }
            ended[attempt.stepID, default: 0] += 1
            if let last = attempts[attempt.stepID], last != attempt.number {
                note("I3", "\(attempt.text) ended its step, which has had attempt \(last)")
            }
        }
        for (id, count) in ended.sorted(by: { $0.key < $1.key }) where count > 1 {
            note("I3", "step \(id) has \(count) results")
        }
    }

    /// I6: an attempt is followed by another one only if it ended so, if its worker never heard of it, or if its worker
    /// was disturbed.
    private mutating func judgeTakeovers() {
        let last = journal.claims.reduce(into: [Int: Int]()) { last, claim in
            last[claim.attempt.stepID] = max(last[claim.attempt.stepID] ?? 0, claim.attempt.number)
        }
        let open = journal.returnedAttempts
        for claim in journal.claims where claim.attempt.number < last[claim.attempt.stepID] ?? 0 {
            if open.contains(claim.attempt) || isExcused(claim) { continue }
            note("I6", "\(claim.attempt.text) was taken from worker \(claim.worker), which was well")
        }
    }

    /// Its worker cannot have ended it.
    func isExcused(_ claim: Journal.Claim) -> Bool {
        claim.isUnheard || journal.disturbed.contains(claim.worker) || journal.abandoned.contains(claim.attempt)
    }

    /// Nothing of a task is claimed once its cancellation has been confirmed.
    private mutating func judgeCancellations() {
        for cancellation in journal.cancellations where cancellation.what == .task {
            for claim in journal.claims where claim.taskID == cancellation.taskID && claim.began >= cancellation.at {
                note("C", "\(claim.attempt.text) was claimed although \(claim.taskID) had been cancelled")
            }
        }
    }

    /// I12: each attempt's calls are booked once, or it says that one may be lost; nothing else is booked.
    private mutating func judgeLedger(_ session: PostgresSession) throws {
        let rows = try session.rows(
            "ledger", "SELECT step_id, attempt, call_number, outcome FROM ai_api_usage ORDER BY usage_id")
        var booked: [Journal.Attempt: [(number: Int, outcome: String)]] = [:]
        try rows.forEach { row in
            let attempt = Journal.Attempt(stepID: try row("step_id"), number: try row("attempt"))
            booked[attempt, default: []].append((try row("call_number"), try row("outcome")))
        }
        let claimed = Set(journal.claims.map(\.attempt))
        for attempt in booked.keys where !claimed.contains(attempt) {
            note("I12", "\(attempt.text) is in the ledger, but was never claimed")
        }
        let settled = Dictionary(grouping: journal.settlings, by: \.attempt)
        for claim in journal.claims {
            let rows = booked[claim.attempt] ?? []
            let calls = rows.filter { $0.number > 0 }.count
            let isLost = rows.contains { $0.outcome == "lost" }
            let expected = settled[claim.attempt]?.map(\.calls).max()
            if let expected {
                if calls != expected {
                    note("I12", "\(claim.attempt.text) made \(expected) calls, booked are \(calls)")
                }
                if isLost { note("I12", "\(claim.attempt.text) is booked and counts as lost as well") }
            } else {
                if calls > 0 { note("I12", "\(claim.attempt.text) was never settled, booked are \(calls)") }
                if journal.called.contains(claim.attempt) && !isLost {
                    note("I12", "\(claim.attempt.text) has called and is neither booked nor lost")
                }
            }
        }
    }

    /// Each revision ends, and the manager is asked at most once where it begins.
    private mutating func judgeRevisions(_ session: PostgresSession) throws {
        let open = try session.rows(
            "open_revisions",
            "SELECT revision_id || ' of ' || task_id || ' is ' || status FROM revisions WHERE completed_at IS NULL")
        for revision: String in try open.column() { note("I1", "revision \(revision)") }
        let scopings = try session.rows(
            "scopings",
            "SELECT task_id, count(*) AS scopings FROM steps WHERE kind = 'revision_scoping' GROUP BY task_id")
        try scopings.forEach { row in
            let (id, count): (String, Int) = (try row("task_id"), try row("scopings"))
            let wanted = journal.revisions.count {
                $0.taskID == id && ($0.scope == nil || $0.scope == .specificSubtasks)
            }
            if count > wanted { note("I6", "\(id) was asked \(count) times where \(wanted) revisions begin") }
        }
        guard plan.trouble == 0 else { return }
        // Without a wish or a failure nothing is done twice, but for plans that do not compile.
        let twice = try session.rows(
            "twice",
            """
            SELECT task_id, concat_ws(' ', task_id, 'has', count(*), kind, subtask_id) AS what FROM steps
            WHERE kind <> 'task_decomposition' GROUP BY task_id, kind, subtask_id HAVING count(*) > 1
            """)
        try twice.forEach { row in
            let (id, what): (String, String) = (try row("task_id"), try row("what"))
            if !journal.touched.contains(id) { note("I6", what) }
        }
    }
}

extension Journal.Attempt {
    var text: String { "attempt \(number) of step \(stepID)" }
}

extension Journal.Content {
    /// By attempt: who was told first that it holds it.
    var firstClaims: [Journal.Attempt: Journal.Claim] {
        Dictionary(claims.map { ($0.attempt, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Attempts whose workers gave the step back, or have it tried again.
    var returnedAttempts: Set<Journal.Attempt> {
        Set(settlings.filter { $0.result == .applied && !$0.outcome.isFinal }.map(\.attempt))
    }
}

extension StepOutcome {
    /// The step has ended with it.
    fileprivate var isFinal: Bool {
        switch self {
        case .retry, .handedBack: false
        case .succeeded, .failed, .dead, .cancelled: true
        }
    }
}

extension PostgresSession {
    func rows(_ name: String, _ sql: String) throws(PostgresError) -> PostgresRows {
        try execute(PostgresStatement("judge_\(name)", sql))
    }
}
