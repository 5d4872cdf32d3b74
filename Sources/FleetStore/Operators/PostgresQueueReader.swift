package import FleetCore
import JSON
package import PostgresClient

/// Counts the open work. Each open state has a partial index: finished work costs nothing.
package struct PostgresQueueReader: QueueReader {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// One statement: all columns are of the same moment.
    package func queues() async throws -> [QueueOverview] {
        try await pool.withSession { session in
            try session.execute(Self.select).map { row in
                let type: String = try row("agent_type")
                let (reason, actor): (String?, String?) = (try row("pause_reason"), try row("pause_actor"))
                let since = try row.optionalTime("paused_at")
                var pause: Hold?
                if let reason, let actor, let since {
                    pause = Hold(scope: .agentType(type), reason: reason, actor: actor, since: since)
                }
                let parked = try row.json("parked")?.object?.members ?? []
                return QueueOverview(
                    agentType: type, pause: pause, ready: try row("ready"), dispatched: try row("dispatched"),
                    running: try row("running"),
                    parked: Dictionary(
                        parked.compactMap { member in member.value.int.map { (member.key, $0) } },
                        uniquingKeysWith: { first, _ in first }),
                    dead: try row("dead"), oldestAge: try row("oldest_age"), workers: try row("workers"),
                    slots: try row("slots"))
            }
        }
    }

    private static let select = PostgresStatement(
        "queues",
        """
        WITH new AS (
            SELECT count(*) AS ready, min(created_at) AS oldest FROM tasks
            WHERE is_new AND NOT is_held),
        beginning AS (
            -- A task that nobody has taken up yet waits for the step that it begins with.
            SELECT (SELECT min(agent_type) FROM agents
                    WHERE role = '\(StepKind.taskAnalysis.role.rawValue)' AND is_active) AS agent_type,
                   ready, (SELECT count(*) FROM tasks WHERE is_new AND is_held) AS held, oldest
            FROM new),
        counted AS (
            SELECT agent_type, 'ready' AS state, NULL AS reason, count(*) AS steps, min(created_at) AS oldest
            FROM steps WHERE state = 'ready' GROUP BY agent_type
            UNION ALL SELECT agent_type, 'ready', NULL, ready, oldest FROM beginning WHERE ready > 0
            UNION ALL SELECT agent_type, 'parked', 'paused', held, NULL FROM beginning WHERE held > 0
            UNION ALL SELECT agent_type, 'dispatched', NULL, count(*), min(created_at) FROM steps
            WHERE state = 'dispatched' GROUP BY agent_type
            UNION ALL SELECT agent_type, 'running', NULL, count(*), NULL FROM steps WHERE state = 'running'
            GROUP BY agent_type
            UNION ALL SELECT agent_type, 'parked', coalesce(wait_reason, 'backoff'), count(*), NULL FROM steps
            WHERE state = 'parked' GROUP BY agent_type, coalesce(wait_reason, 'backoff')
            UNION ALL SELECT agent_type, 'dead', NULL, count(*), NULL FROM dead_letters WHERE resolved_at IS NULL
            GROUP BY agent_type
            UNION ALL SELECT agent_type, 'none', NULL, 0, NULL FROM agent_queues WHERE retired_at IS NULL),
        types AS (
            SELECT agent_type,
                   coalesce(sum(steps) FILTER (WHERE state = 'ready'), 0)::int8 AS ready,
                   coalesce(sum(steps) FILTER (WHERE state = 'dispatched'), 0)::int8 AS dispatched,
                   coalesce(sum(steps) FILTER (WHERE state = 'running'), 0)::int8 AS running,
                   coalesce(sum(steps) FILTER (WHERE state = 'dead'), 0)::int8 AS dead,
                   min(oldest) AS oldest
            FROM counted WHERE agent_type IS NOT NULL GROUP BY agent_type),
        waits AS (
            SELECT agent_type, jsonb_object_agg(reason, steps) AS parked FROM (
                SELECT agent_type, reason, sum(steps) AS steps FROM counted WHERE state = 'parked'
                GROUP BY agent_type, reason) w
            WHERE agent_type IS NOT NULL GROUP BY agent_type)
        SELECT t.agent_type, h.reason AS pause_reason, h.actor AS pause_actor, h.created_at AS paused_at, t.ready,
               t.dispatched, t.running, coalesce(w.parked, '{}')::text AS parked, t.dead,
               extract(epoch FROM clock_timestamp() - t.oldest)::float8 AS oldest_age, coalesce(l.workers, 0) AS workers,
               coalesce(l.slots, 0)::int8 AS slots
        FROM types t LEFT JOIN waits w USING (agent_type)
        LEFT JOIN holds h ON h.scope = 'type' AND h.subject = t.agent_type
        LEFT JOIN LATERAL (
            SELECT count(*) AS workers, sum(w.slots) AS slots FROM workers w
            WHERE \(LiveWorkers.takesWork)
                AND t.agent_type = ANY(w.agent_types)) l ON TRUE
        ORDER BY t.agent_type
        """)
}
