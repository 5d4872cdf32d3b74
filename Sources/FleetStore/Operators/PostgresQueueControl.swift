package import FleetCore
import JSON
package import PostgresClient

/// Pauses and purges on the rows. A pause is its row in `holds` from the commit on: dispatch and admission look at it.
/// What waits already is set aside in portions afterwards, and given back in portions when the pause is lifted, so that
/// neither holds up the fleet; who dies in the middle is made up for by dispatch, admission and sweep.
package struct PostgresQueueControl: QueueControl {
    /// Rows per transaction.
    static let portion: Int32 = 1000

    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func holds() async throws -> [Hold] {
        try await pool.withSession { try $0.execute(Statements.holds).map { try Hold(&$0) } }
    }

    package func pause(_ scope: Hold.Scope, _ action: OperatorAction) async throws -> (hold: Hold, isNew: Bool) {
        let result = try await pool.transaction { session in
            try Self.check(scope, session)
            let values: [PostgresValue] = [.text(scope.kind), .text(scope.subject)]
            let added = try session.execute(
                Statements.add, values + [.text(action.reason), .text(action.actor.cut(to: 100))])
            let hold = try session.execute(Statements.hold, values).one { try Hold(&$0) }
            if added.affectedRows == 1 {
                if case .agentType = scope {
                    _ = try session.execute(Statements.close, [.text(scope.subject), .bool(true)])
                }
                try AuditSQL.write(action, "\(Self.object(scope)).pause", Self.path(scope), in: session)
            }
            return (hold: hold, isNew: added.affectedRows == 1)
        }
        try await setAsideCovered()
        return result
    }

    package func resume(_ scope: Hold.Scope, _ action: OperatorAction) async throws -> Bool {
        let wasPaused = try await pool.transaction { session in
            try Self.check(scope, session)
            switch scope {
            case .batch(let id):
                // What has ended before is not held against it again.
                try ResultNumbers.giveAll(of: id, in: session)
                _ = try session.execute(BatchStatements.beginAnew, [.text(id)])
            case .pilot(let id):
                _ = try session.execute(
                    BatchStatements.endPilot, [.text(id), .text(BatchPilot.State.passed.rawValue)])
            case .agentType, .user: break
            }
            let removed = try session.execute(Statements.remove, [.text(scope.kind), .text(scope.subject)])
            guard removed.affectedRows == 1 else { return false }
            if case .agentType = scope {
                _ = try session.execute(Statements.close, [.text(scope.subject), .bool(false)])
            }
            try AuditSQL.write(action, "\(Self.object(scope)).resume", Self.path(scope), in: session)
            return true
        }
        try await releaseUncovered()
        return wasPaused
    }

    package func countPurge(_ agentType: String) async throws -> PurgeCount {
        try await pool.withSession { session in
            try Self.check(.agentType(agentType), session)
            return try session.execute(Statements.countPurge, [.text(agentType)]).one {
                PurgeCount(steps: try $0("steps"), tasks: try $0("tasks"), asOf: try $0.time("as_of"))
            }
        }
    }

    package func purge(_ agentType: String, _ count: PurgeCount, _ action: OperatorAction) async throws -> Int {
        let (pool, reason) = (pool, "purged by \(action.actor): \(action.reason)")
        var total = 0
        repeat {
            let purged = try await pool.transaction { session in
                let rows = try session.execute(
                    Statements.purge, [.text(agentType), .int8(count.asOf), .text(reason), .int4(Self.portion)])
                let purged: Int = try rows.only()
                if purged > 0 {
                    try AuditSQL.write(
                        action, "queue.purge", Self.path(.agentType(agentType)),
                        after: ["cancelled": .integer(purged), "counted": .integer(count.steps)], in: session)
                }
                return purged
            }
            total += purged
            if purged < Self.portion { return total }
        } while true
    }

    /// Takes back what waits although a pause covers it.
    func setAsideCovered() async throws { try await repeatedly(Statements.setAside) }

    /// Gives back what no pause covers any more.
    func releaseUncovered() async throws { try await repeatedly(Statements.release) }

    private func repeatedly(_ statement: PostgresStatement) async throws {
        var isDone = false
        while !isDone {
            isDone = try await pool.withSession { session in
                try session.retryingConflicts { try $0.execute(statement, [.int4(Self.portion)]) }.one {
                    let (steps, tasks): (Int, Int) = (try $0("steps"), try $0("tasks"))
                    return steps < Self.portion && tasks < Self.portion
                }
            }
        }
    }

    private static func check(_ scope: Hold.Scope, _ session: PostgresSession) throws {
        let statement: PostgresStatement
        switch scope {
        case .agentType: statement = Statements.knowsType
        case .batch, .pilot: statement = Statements.knowsBatch
        // A user without tasks may be paused before the first one comes.
        case .user: return
        }
        guard try session.execute(statement, [.text(scope.subject)]).only() else {
            throw OperatorError(
                .notFound,
                scope.kind == "type"
                    ? "there is no agent type '\(scope.subject)'; mixmyai queue list shows them"
                    : "there is no batch with the id '\(scope.subject)'")
        }
    }

    private static func object(_ scope: Hold.Scope) -> String {
        switch scope {
        case .agentType, .user: "queue"
        case .batch: "batch"
        case .pilot: "batch.pilot"
        }
    }

    private static func path(_ scope: Hold.Scope) -> String {
        switch scope {
        case .agentType(let name): "queue/\(name)"
        case .user(let name): "user/\(name)"
        case .batch(let id), .pilot(let id): "batch/\(id)"
        }
    }

    enum Statements {
        private static let columns = "scope, subject, reason, actor, created_at"

        static let holds = PostgresStatement(
            "holds", "SELECT \(columns) FROM holds ORDER BY created_at, scope, subject")
        static let hold = PostgresStatement("hold", "SELECT \(columns) FROM holds WHERE scope = $1 AND subject = $2")

        static let add = PostgresStatement(
            "hold_add",
            "INSERT INTO holds (scope, subject, reason, actor) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        static let remove = PostgresStatement("hold_remove", "DELETE FROM holds WHERE scope = $1 AND subject = $2")
        static let close = PostgresStatement(
            "hold_close_queue", "UPDATE agent_queues SET is_paused = $2 WHERE agent_type = $1")

        static let setAside = PostgresStatement("hold_set_aside", HoldSQL.setAside)
        static let release = PostgresStatement("hold_release", HoldSQL.release)

        static let knowsType = PostgresStatement(
            "hold_knows_type", "SELECT EXISTS (SELECT FROM agent_queues WHERE agent_type = $1)")
        static let knowsBatch = PostgresStatement(
            "hold_knows_batch", "SELECT EXISTS (SELECT FROM batches WHERE batch_id = $1)")

        static let countPurge = PostgresStatement(
            "purge_count",
            """
            SELECT count(*) AS steps, count(DISTINCT task_id) AS tasks, now() AS as_of
            FROM steps WHERE agent_type = $1 AND state IN ('ready', 'dispatched', 'parked')
            """)

        /// A subtask whose step is gone is worked on by nobody else: the workflow sees `cancelled`.
        static let purge = PostgresStatement(
            "purge",
            """
            WITH waiting AS MATERIALIZED (
                SELECT step_id FROM steps
                WHERE agent_type = $1 AND state IN ('ready', 'dispatched', 'parked')
                    AND created_at <= to_timestamp($2::int8 / 1000000.0)
                ORDER BY step_id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED),
            purged AS (
                UPDATE steps s SET state = 'cancelled', error = $3, finished_at = now(), wait_reason = NULL,
                    not_before = NULL
                FROM waiting w
                WHERE s.step_id = w.step_id AND s.state IN ('ready', 'dispatched', 'parked')
                RETURNING s.task_id),
            wake AS (INSERT INTO task_wakeups (task_id) SELECT DISTINCT task_id FROM purged)
            SELECT count(*) FROM purged
            """)
    }
}
