import PostgresClient

/// Defects that statements can be given on their way to the server, to see that they are noticed. Test-only: the product
/// knows nothing of them.
package enum PlantedFault: String, Sendable, CaseIterable {
    /// Tickets that are in doubt are issued again from the last step to the first; everything else locks steps from the
    /// first to the last.
    case reissuesLockBackwards = "reissues_lock_backwards"
    /// A settlement is written whoever holds the step by now.
    case settlementsAreNotFenced = "settlements_are_not_fenced"
    /// The owner's wish looks at the task without locking it.
    case wishesDoNotLock = "wishes_do_not_lock"
    /// A step whose turn in a limit has come gets its ticket although an operator has paused it.
    case turnsPassPauses = "turns_pass_pauses"
    /// A purge takes what a worker is at work on as well.
    case purgesTakeRunning = "purges_take_running"

    /// A purge tells nobody that steps are gone.
    case purgesWakeNobody = "purges_wake_nobody"
    /// What is said of a wait first stays.
    case waitsAreNotTakenBack = "waits_are_not_taken_back"

    /// Who has to take part.
    package enum Needs: Sendable {
        case nobody
        case fleetOperator
        case waiters
    }

    package var needs: Needs {
        switch self {
        case .turnsPassPauses, .purgesTakeRunning, .purgesWakeNobody: .fleetOperator
        case .waitsAreNotTakenBack: .waiters
        case .reissuesLockBackwards, .settlementsAreNotFenced, .wishesDoNotLock: .nobody
        }
    }

    private var change: (statement: String, edits: KeyValuePairs<String, String>) {
        switch self {
        case .reissuesLockBackwards:
            (
                "sweep_reissue",
                [
                    "ORDER BY s.step_id FOR NO KEY UPDATE OF s SKIP LOCKED":
                        "ORDER BY s.step_id DESC FOR NO KEY UPDATE OF s"
                ]
            )
        case .settlementsAreNotFenced:
            // The worker stays a parameter.
            ("settle", ["WHERE s.attempt = v.attempt AND": "WHERE", "s.worker_id + 0 =": "0::int8 <"])
        case .waitsAreNotTakenBack:
            ("note_waits", ["AND s.limit_wait = 'null' THEN": "AND s.limit_wait IS NOT NULL THEN"])
        case .wishesDoNotLock: ("change_lock", ["FOR NO KEY UPDATE": ""])
        case .turnsPassPauses: ("release_parked", ["h.subject = s.agent_type": "h.subject = ''"])
        case .purgesWakeNobody:
            ("purge", ["INSERT INTO task_wakeups (task_id) SELECT DISTINCT task_id FROM purged": "SELECT 1"])
        case .purgesTakeRunning:
            ("purge", ["IN ('ready', 'dispatched', 'parked')": "IN ('ready', 'running', 'parked')"])
        }
    }

    /// What is sent instead; nil: the statement itself.
    func replacement(of statement: PostgresStatement) -> PostgresStatement? {
        let (name, edits) = change
        guard statement.name == name else { return nil }
        var sql = statement.sql
        for (find, replacement) in edits {
            precondition(sql.contains(find), "\(rawValue) finds nothing to change in \(name)")
            sql = sql.replacing(find, with: replacement)
        }
        return PostgresStatement("\(name)_\(rawValue)", sql)
    }
}
