package import FleetCore
import JSON
package import PostgresClient

/// Batches on the rows, as schedulers look after them. Each look at the breakers and each verdict on pilots is one
/// transaction: who dies in the middle leaves nothing of it.
package struct PostgresBatchKeeper: BatchKeeper {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func keepBatches() async throws -> BatchKeeping {
        while try await pool.withSession({ session in
            try session.retryingConflicts { try ResultNumbers.give(in: $0) }
        }) == Int(ResultNumbers.portion) {}
        var keeping = BatchKeeping()
        keeping.tripped = try await pool.transaction { try Self.tripBreakers($0) }
        keeping.pilotsBegun = try await pool.transaction { try $0.execute(KeeperStatements.draw).only() }
        (keeping.pilotsPassed, keeping.pilotsStopped) = try await pool.transaction { try Self.judgePilots($0) }
        let control = PostgresQueueControl(pool: pool)
        if !keeping.tripped.isEmpty { try await control.setAsideCovered() }
        if keeping.hasReleased { try await control.releaseUncovered() }
        return keeping
    }

    private static func tripBreakers(_ session: PostgresSession) throws -> [String] {
        let looked = try session.execute(KeeperStatements.breakers).map { row in
            let (id, breaker): (String, BatchBreaker?) = (try row("batch_id"), try BatchBreaker(&row))
            let (ended, failed, atWork): (Int, Int, Int) = (
                try row("ended"), try row("failed"), try row("at_work")
            )
            let (fingerprint, tasks): (String?, Int?) = (try row("fingerprint"), try row("tasks"))
            let found = BatchBreaker.Findings(
                ended: ended, failed: failed, atWork: atWork, top: fingerprint.map { ($0, tasks ?? 0) })
            return (id: id, reason: breaker?.reason(found))
        }
        guard !looked.isEmpty else { return [] }
        _ = try session.execute(KeeperStatements.noteLooked, [.textArray(looked.map(\.id))])
        var tripped: [String] = []
        for case (let id, let reason?) in looked {
            let action = OperatorAction(actor: "breaker", reason: reason)
            let added = try session.execute(KeeperStatements.pause, [.text(id), .text(reason), .text(action.actor)])
            guard added.affectedRows == 1 else { continue }
            try AuditSQL.write(action, "batch.pause", "batch/\(id)", in: session)
            tripped.append(id)
        }
        return tripped
    }

    private static func judgePilots(_ session: PostgresSession) throws -> (passed: [String], stopped: [String]) {
        let ended: [(id: String, reason: String?)] = try session.execute(KeeperStatements.endedPilots).map { row in
            let (id, pilot): (String, BatchPilot?) = (try row("batch_id"), try BatchPilot(&row))
            let (tasks, failed, cost): (Int, Int, Decimal6?) = (
                try row("tasks"), try row("failed"), try row.money("cost")
            )
            let found = BatchPilot.Findings(
                tasks: tasks, failed: failed, meanScore: try row("score"), cost: cost ?? .zero)
            return (id: id, reason: pilot?.reason(found))
        }
        for (id, reason) in ended {
            let state: BatchPilot.State = reason == nil ? .passed : .stopped
            let action = OperatorAction(actor: "pilot", reason: reason ?? "the pilot kept within its bounds")
            if let reason {
                _ = try session.execute(KeeperStatements.pauseToo, [.text(id), .text(reason), .text(action.actor)])
            }
            _ = try session.execute(BatchStatements.endPilot, [.text(id), .text(state.rawValue)])
            _ = try session.execute(BatchStatements.liftPilot, [.text(id)])
            try AuditSQL.write(
                action, reason == nil ? "batch.pilot.pass" : "batch.pause", "batch/\(id)", in: session)
        }
        return (ended.filter { $0.reason == nil }.map(\.id), ended.filter { $0.reason != nil }.map(\.id))
    }
}

private enum KeeperStatements {
    /// Results of the batch `b` that its breaker looks at, as tasks `t`.
    private static let recent = """
        t.batch_id = b.batch_id AND t.result_number > greatest(b.breaker_from, b.last_result - \(BatchBreaker.window))
        """
    /// Only a batch with failures enough is looked at closely.
    private static let isSuspect = """
        f.ended >= b.breaker_minimum AND f.failed >= \(BatchBreaker.leastFailures) * f.ended
        """

    static let breakers = PostgresStatement(
        "keep_breakers",
        """
        SELECT b.batch_id, b.breaker_share, b.breaker_minimum, f.ended, f.failed,
               CASE WHEN \(isSuspect) THEN (
                   SELECT count(*) FROM tasks t WHERE t.batch_id = b.batch_id AND t.is_open)
                    ELSE 0 END AS at_work,
               top.fingerprint, top.tasks
        FROM (SELECT * FROM batches WHERE last_result > breaker_looked ORDER BY batch_id LIMIT 50
              FOR NO KEY UPDATE SKIP LOCKED) b
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE t.status <> 'cancelled') AS ended,
                   count(*) FILTER (WHERE \(BatchStatements.hasFailed)) AS failed
            FROM tasks t WHERE b.breaker_share IS NOT NULL AND \(recent)) f
        LEFT JOIN LATERAL (
            SELECT l.fingerprint, count(DISTINCT l.task_id) AS tasks
            FROM tasks t JOIN dead_letters l ON l.task_id = t.task_id AND l.resolved_at IS NULL
            WHERE \(isSuspect) AND \(recent) AND \(BatchStatements.hasFailed)
            GROUP BY l.fingerprint ORDER BY 2 DESC, 1 LIMIT 1) top ON TRUE
        """)

    static let noteLooked = PostgresStatement(
        "keep_note_looked", "UPDATE batches SET breaker_looked = last_result WHERE batch_id = ANY($1)")

    static let pause = PostgresStatement(
        "keep_pause",
        "INSERT INTO holds (scope, subject, reason, actor) VALUES ('batch', $1, $2, $3) ON CONFLICT DO NOTHING")

    /// A pause that somebody has put there meanwhile is kept, with both reasons.
    static let pauseToo = PostgresStatement(
        "keep_pause_too",
        """
        INSERT INTO holds AS h (scope, subject, reason, actor) VALUES ('batch', $1, $2, $3)
        ON CONFLICT (scope, subject) DO UPDATE SET reason = h.reason || '; ' || excluded.reason
        """)

    /// The sample is that of the smallest hashes: the same tasks, whoever draws it. Nothing is drawn while the batch is still
    /// being handed in.
    static let draw = PostgresStatement(
        "keep_draw_pilots",
        """
        WITH due AS MATERIALIZED (
            SELECT b.batch_id, b.pilot_size FROM batches b
            WHERE b.pilot_state = 'gathering' AND EXISTS (SELECT FROM tasks t WHERE t.batch_id = b.batch_id)
                AND NOT EXISTS (SELECT FROM tasks t
                    WHERE t.batch_id = b.batch_id AND t.created_at > now() - interval '2 seconds')
            ORDER BY b.batch_id FOR NO KEY UPDATE SKIP LOCKED),
        sample AS MATERIALIZED (
            SELECT n.task_id FROM due d CROSS JOIN LATERAL (
                SELECT t.task_id FROM tasks t WHERE t.batch_id = d.batch_id AND t.is_new
                ORDER BY md5(t.task_id), t.task_id LIMIT d.pilot_size) n),
        drawn AS (UPDATE tasks t SET is_pilot = TRUE FROM sample s WHERE t.task_id = s.task_id),
        begun AS (
            UPDATE batches b SET pilot_state = 'running' FROM due d WHERE b.batch_id = d.batch_id RETURNING b.batch_id)
        SELECT count(*) FROM begun
        """)

    static let endedPilots = PostgresStatement(
        "keep_ended_pilots",
        """
        SELECT b.batch_id, b.pilot_size, b.pilot_state, b.pilot_score, (b.pilot_cost_usd * 1000000)::int8 AS pilot_cost,
               b.pilot_failures, f.tasks, f.failed,
               (SELECT (sum(coalesce(u.cost_usd, u.estimate_usd)) * 1000000)::int8
                FROM tasks t JOIN ai_api_usage u ON u.task_id = t.task_id
                WHERE t.batch_id = b.batch_id AND t.is_pilot AND t.status <> 'cancelled') AS cost,
               (SELECT avg(s.best_score)::float8
                FROM tasks t JOIN subtasks s ON s.task_id = t.task_id AND s.plan_number = t.plan_number
                WHERE t.batch_id = b.batch_id AND t.is_pilot AND s.acceptance_status = 'accepted') AS score
        FROM (SELECT * FROM batches WHERE pilot_state = 'running' ORDER BY batch_id LIMIT 50
              FOR NO KEY UPDATE SKIP LOCKED) b
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE t.status <> 'cancelled') AS tasks,
                   count(*) FILTER (WHERE \(BatchStatements.hasFailed)) AS failed,
                   coalesce(bool_or(\(BatchStatements.isAtWork)), FALSE) AS is_open
            FROM tasks t WHERE t.batch_id = b.batch_id AND t.is_pilot) f
        WHERE NOT f.is_open
        """)
}
