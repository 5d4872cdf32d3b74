import FleetCore
import PostgresClient

/// What operators were told, held against what became of it.
extension Judge {
    /// Nothing that a pause covers is dispatched between its confirmation and its end.
    mutating func judgePauses() {
        for pause in journal.pauses {
            for dispatch in journal.dispatches where dispatch.began >= pause.began {
                guard pause.ended.map({ dispatch.ended <= $0 }) ?? true else { continue }
                let isCovered =
                    switch pause.scope {
                    case .agentType(let type): dispatch.agentType == type
                    case .user(let user): journal.users[dispatch.taskID] == user
                    case .batch, .pilot: false
                    }
                if isCovered {
                    note(
                        "O",
                        "step \(dispatch.stepID) of \(dispatch.taskID) was dispatched although \(pause.scope.kind) \(pause.scope.subject) is paused"
                    )
                }
            }
        }
    }

    /// What a purge counts is there, cancelled; what ran when it came goes on.
    mutating func judgePurges(_ session: PostgresSession) throws {
        let rows = try session.rows(
            "purged", "SELECT step_id, attempt, state FROM steps WHERE error LIKE 'purged by %' ORDER BY step_id")
        let purged: [(id: Int, attempt: Int, state: String)] = try rows.map { row in
            (id: try row("step_id"), attempt: try row("attempt"), state: try row("state"))
        }
        if purged.count != journal.purged {
            note("O", "\(journal.purged) steps were purged, \(purged.count) say so")
        }
        let (returned, claims) = (journal.returnedAttempts, journal.firstClaims)
        for step in purged {
            if step.state != "cancelled" { note("O", "step \(step.id) was purged and is \(step.state)") }
            let last = Journal.Attempt(stepID: step.id, number: step.attempt)
            guard let claim = claims[last], !isExcused(claim) else { continue }
            if !returned.contains(last) {
                note("O", "\(last.text) was purged from worker \(claim.worker) at work on it")
            }
        }
    }

    /// A replay ends, and each of its letters knows how.
    mutating func judgeReplays(_ session: PostgresSession) throws {
        let open = try session.rows(
            "open_replays",
            """
            SELECT concat_ws(' ', 'operation', operation_id, 'is', state, problem) FROM operations
            WHERE state = 'running' OR (state = 'paused' AND NOT canary)
            UNION ALL
            SELECT concat_ws(' ', 'letter', dead_letter_id, 'is', replay_state) FROM dead_letters
            WHERE replay_state = 'begun' OR (replay_state = 'queued' AND NOT EXISTS (
                SELECT FROM operations o WHERE o.operation_id = dead_letters.operation_id AND o.state = 'paused'))
            UNION ALL
            SELECT concat_ws(' ', 'letter', l.dead_letter_id, 'is open, its step', s.state) FROM dead_letters l
            JOIN steps s USING (step_id) WHERE l.resolved_at IS NULL AND s.state = 'succeeded'
            """)
        for what: String in try open.column() { note("O", what) }
    }
}
