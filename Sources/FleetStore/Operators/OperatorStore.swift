import FleetCore
package import PostgresClient

/// What operators see of the rows, and change in them.
package struct OperatorStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Workers with a heartbeat in the last ten seconds.
    package func livingWorkers() async throws -> Int {
        try await pool.withSession { try $0.execute(Statements.alive).only() }
    }

    /// As they last reported themselves, by name.
    ///
    /// - Parameter includingEnded: a worker that was started again has several rows; those that have ended are history.
    package func workers(includingEnded: Bool) async throws -> [WorkerRow] {
        try await pool.withSession { session in
            try session.execute(Statements.workers, [.bool(includingEnded)]).map { try WorkerRow(&$0) }
        }
    }

    /// Agent types with open work or open dead letters.
    package func backlog() async throws -> [BacklogRow] {
        try await pool.withSession { session in
            try session.execute(Statements.backlog).map { try BacklogRow(&$0) }
        }
    }

    /// What the batches of a name have taken.
    package func ledger(ofBatch name: String) async throws -> BatchLedger {
        try await pool.withSession { session in
            try session.execute(Statements.batchLedger, [.text(name)]).one { try BatchLedger(&$0) }
        }
    }

    /// The session that has held a snapshot for longest: a backup by `pg_dump`, a long report, a forgotten BEGIN. Nil if
    /// none has for so long.
    package func snapshot(heldFor duration: Duration) async throws -> HeldSnapshot? {
        let seconds = Double(duration.components.seconds)
        return try await pool.withSession { session in
            try session.execute(Statements.oldestSnapshot, [.float8(seconds)]).first { try HeldSnapshot(&$0) }
        }
    }

    /// As the server tells it: `15.20 (Debian 15.20-0+deb12u1)`.
    package func serverVersion() async throws -> String {
        try await pool.withSession { try $0.execute(Statements.serverVersion).only() }
    }

    private enum Statements {
        static let alive = PostgresStatement(
            "workers_alive",
            "SELECT count(*) FROM workers WHERE \(LiveWorkers.takesWork)")

        static let workers = PostgresStatement(
            "workers_list",
            """
            SELECT name, state, slots, running, agent_types, started_at,
                   greatest(0, extract(epoch FROM now() - heartbeat_at))::float8 AS heartbeat_age
            FROM workers WHERE $1 OR state IN ('active', 'draining') ORDER BY name, started_at
            """)

        /// Each open state has a partial index, so finished work costs nothing here. A task that nobody has taken up yet
        /// waits for the step that it begins with.
        static let backlog = PostgresStatement(
            "backlog",
            """
            SELECT agent_type, sum(ready)::int8 AS ready, sum(dispatched)::int8 AS dispatched,
                   sum(running)::int8 AS running, sum(parked)::int8 AS parked, sum(dead)::int8 AS dead
            FROM (
                SELECT agent_type, count(*) AS ready, 0 AS dispatched, 0 AS running, 0 AS parked, 0 AS dead
                FROM steps WHERE state = 'ready' GROUP BY agent_type
                UNION ALL SELECT (SELECT min(agent_type) FROM agents WHERE role = '\(StepKind.taskAnalysis.role.rawValue)' AND is_active),
                    count(*), 0, 0, 0, 0
                FROM tasks WHERE is_new AND NOT is_held HAVING count(*) > 0
                UNION ALL SELECT agent_type, 0, count(*), 0, 0, 0 FROM steps WHERE state = 'dispatched' GROUP BY agent_type
                UNION ALL SELECT agent_type, 0, 0, count(*), 0, 0 FROM steps WHERE state = 'running' GROUP BY agent_type
                UNION ALL SELECT agent_type, 0, 0, 0, count(*), 0 FROM steps WHERE state = 'parked' GROUP BY agent_type
                UNION ALL SELECT agent_type, 0, 0, 0, 0, count(*) FROM dead_letters WHERE resolved_at IS NULL
                GROUP BY agent_type
            ) AS open WHERE agent_type IS NOT NULL GROUP BY agent_type ORDER BY agent_type
            """)

        static let batchLedger = PostgresStatement(
            "batch_ledger",
            """
            WITH members AS (SELECT t.task_id FROM tasks t JOIN batches b USING (batch_id) WHERE b.name = $1)
            SELECT (SELECT count(*) FROM subtasks JOIN members USING (task_id)) AS subtasks,
                   count(u.step_id) AS calls,
                   \(LedgerSQL.sums)
            FROM members LEFT JOIN ai_api_usage u USING (task_id)
            """)

        static let oldestSnapshot = PostgresStatement(
            "oldest_snapshot",
            """
            SELECT pid, coalesce(application_name, '') AS name, extract(epoch FROM now() - xact_start)::int4 AS age
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
                AND backend_type = 'client backend' AND xact_start < now() - make_interval(secs => $1)
            ORDER BY xact_start LIMIT 1
            """)

        static let serverVersion = PostgresStatement("server_version", "SELECT current_setting('server_version')")
    }
}
