import FleetCore
package import PostgresClient

/// Reads ``FleetRows``. Reads index entries of all that is open: whoever asks often paces itself by what it takes.
package enum FleetRowsReader {
    /// One round trip.
    package static func read(_ session: PostgresSession) throws -> FleetRows {
        let results = try session.pipeline(
            [parked, letters, limits, circuits, calls, workers, tasks, counts, server, consumption, limited]
                .map { ($0, []) })
        var rows = FleetRows()
        rows.parked = try results[0].map {
            FleetRows.Parked(agentType: try $0("agent_type"), reason: try $0("reason"), steps: try $0("steps"))
        }
        rows.letters = try results[1].map {
            FleetRows.Letters(agentType: try $0("agent_type"), count: try $0("letters"), age: try $0("age"))
        }
        rows.limits = try results[2].map { try LimitSetting(&$0) }
        rows.circuits = try results[3].map {
            FleetRows.Circuit(provider: try $0("provider"), model: try $0("model"), workers: try $0("workers"))
        }
        rows.calls = try results[4].map {
            FleetRows.Calls(
                provider: try $0("provider"), model: try $0("model"), outcome: try $0("outcome"),
                count: try $0("calls"), cost: try CostSums(&$0), recent: try $0("recent"),
                recentTokens: try $0("recent_tokens"))
        }
        rows.workers = try results[5].map {
            FleetRows.Workers(
                state: try $0("state"), count: try $0("workers"), slots: try $0("slots"), running: try $0("running"))
        }
        try results[6].forEach { row in
            let (state, count): (String, Int) = try (row("state"), row("tasks"))
            let silence: Double? = try row("silence")
            rows.tasks[state, default: 0] += count
            if let silence { rows.longestSilence = max(rows.longestSilence ?? 0, silence) }
        }
        try results[7].forEach { row in
            let (what, name, count): (String, String, Int) = try (row("what"), row("name"), row("count"))
            switch what {
            case "hold": rows.holds[name] = count
            case "operation": rows.operations[name] = count
            default: rows.wakeUps = count
            }
        }
        try results[8].forEach { row in
            rows.sessions = try row("sessions")
            rows.mostSessions = try row("most_sessions")
            rows.oldestSnapshot = try row("snapshot")
        }
        rows.consumption = try results[9].map {
            FleetRows.Consumption(
                agentType: try $0("agent_type"), canaryAge: try $0("canary_age"),
                silence: try $0("silence") as Double? ?? 0)
        }
        rows.limitedCalls = try results[10].map { row in
            let wait = try row.json("limit_wait").flatMap(LimitWait.init)
            let (steps, longest): (Int, Double) = try (row("steps"), row("longest"))
            return wait.map { FleetRows.LimitedCalls(wait: $0, steps: steps, longest: longest) }
        }.compactMap(\.self)
        return rows
    }

    private static let parked = PostgresStatement(
        "rows_parked",
        """
        SELECT agent_type, coalesce(wait_reason, 'backoff') AS reason, count(*) AS steps FROM steps
        WHERE state = 'parked' GROUP BY 1, 2
        UNION ALL
        SELECT (SELECT min(agent_type) FROM agents
                WHERE role = '\(StepKind.taskAnalysis.role.rawValue)' AND is_active), 'paused', count(*)
        FROM tasks WHERE is_new AND is_held
        HAVING count(*) > 0 AND EXISTS (
            SELECT FROM agents WHERE role = '\(StepKind.taskAnalysis.role.rawValue)' AND is_active)
        """)

    private static let letters = PostgresStatement(
        "rows_letters",
        """
        SELECT agent_type, count(*) AS letters, extract(epoch FROM now() - min(created_at))::float8 AS age
        FROM dead_letters WHERE resolved_at IS NULL GROUP BY agent_type
        """)

    private static let limits = PostgresStatement(
        "rows_limits", "SELECT \(LimitSetting.columns) FROM provider_limits")

    /// Of those whose workers are heard of: the others' are taken over.
    private static let limited = PostgresStatement(
        "rows_limited",
        """
        SELECT s.limit_wait::text AS limit_wait, count(*) AS steps,
               greatest(0, max(extract(epoch FROM now() - s.limit_wait_since)))::float8 AS longest
        FROM (SELECT worker_id FROM workers WHERE \(LiveWorkers.lives)) w
        JOIN steps s ON s.worker_id = w.worker_id AND s.state = 'running'
        WHERE \(StepSQL.isUncalled) GROUP BY 1
        """)

    private static let circuits = PostgresStatement(
        "rows_circuits",
        """
        SELECT c ->> 'provider' AS provider, c ->> 'model' AS model, count(*) AS workers
        FROM workers, jsonb_array_elements(circuits) AS c
        WHERE \(LiveWorkers.lives) AND c ->> 'provider' IS NOT NULL GROUP BY 1, 2
        """)

    /// What was lost at first and booked later is counted where it was booked.
    private static let calls = PostgresStatement(
        "rows_calls",
        """
        SELECT u.provider, u.model,
               CASE u.outcome WHEN 'succeeded' THEN 'succeeded' WHEN 'lost' THEN 'lost' ELSE 'failed' END AS outcome,
               count(*) AS calls, \(LedgerSQL.sums),
               count(*) FILTER (WHERE u.timestamp > now() - interval '60 seconds') AS recent,
               coalesce(sum(coalesce(u.total_tokens, u.estimated_input_tokens + u.estimated_output_tokens, 0))
                   FILTER (WHERE u.timestamp > now() - interval '60 seconds'), 0)::int8 AS recent_tokens
        FROM ai_api_usage u
        WHERE u.timestamp > now() - interval '5 minutes' AND u.outcome <> 'resolved' GROUP BY 1, 2, 3
        """)

    private static let workers = PostgresStatement(
        "rows_workers",
        """
        SELECT state, count(*) AS workers, sum(slots)::int8 AS slots, sum(running)::int8 AS running FROM workers
        WHERE \(LiveWorkers.lives) GROUP BY state
        """)

    private static let tasks = PostgresStatement(
        "rows_tasks",
        """
        SELECT workflow_state AS state, count(*) AS tasks,
               extract(epoch FROM now() - min(updated_at))::float8 AS silence
        FROM tasks
        WHERE is_open
        GROUP BY workflow_state
        UNION ALL SELECT 'pending', count(*), NULL FROM tasks WHERE is_new AND NOT is_held
        UNION ALL SELECT 'pending', count(*), NULL FROM tasks WHERE is_new AND is_held
        """)

    private static let counts = PostgresStatement(
        "rows_counts",
        """
        SELECT 'wake_up' AS what, '' AS name, count(*) AS count FROM task_wakeups
        UNION ALL SELECT 'hold', scope, count(*) FROM holds GROUP BY scope
        UNION ALL SELECT 'operation', state, count(*) FROM operations WHERE state IN ('running', 'paused')
        GROUP BY state
        """)

    /// `pg_stat_activity` hides much of other users' sessions; their number is everybody's to see.
    private static let server = PostgresStatement(
        "rows_server",
        """
        SELECT (SELECT sum(numbackends) FROM pg_stat_database)::int8 AS sessions,
               current_setting('max_connections')::int8 AS most_sessions,
               (SELECT greatest(0, extract(epoch FROM now() - min(xact_start)))::float8 FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
                    AND backend_type = 'client backend') AS snapshot
        """)

    /// Of queues that the broker has told of lately.
    private static let consumption = PostgresStatement(
        "rows_consumption",
        """
        SELECT c.agent_type, \(CanarySQL.ages("c", "h"))
        FROM canaries c JOIN agent_queues q ON q.agent_type = c.agent_type AND q.retired_at IS NULL
        CROSS JOIN LATERAL \(CanarySQL.heard("c")) h
        WHERE c.seen_at > now() - interval '20 seconds'
        """)
}
