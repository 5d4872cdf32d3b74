import FleetCore
import PostgresClient

/// What is asked about batches, and done to them.
enum BatchStatements {
    /// Conditions on the task `t`.
    static let hasEnded = "t.ended_as IS NOT NULL"
    static let hasFailed = "t.ended_as IN ('failed', 'partial_completion')"
    /// Its end is not its last word: a retry is about to begin.
    static let isAtWork = "(NOT \(hasEnded) OR t.retry_requested)"

    static let find = PostgresStatement(
        "batch_find",
        """
        SELECT batch_id, name, user_id FROM batches
        WHERE (batch_id = $1 OR name = $1) AND ($2::text IS NULL OR user_id = $2)
        ORDER BY batch_id = $1 DESC, user_id LIMIT 20
        """)

    static let overviews = PostgresStatement(
        "batch_overviews",
        """
        SELECT b.batch_id, b.name, b.user_id, b.created_at, b.cancelled_at IS NOT NULL AS is_cancelled,
               c.pending, c.active, c.completed, c.partial, c.failed, c.cancelled, c.progress, p.looked, p.seconds,
               b.breaker_share, b.breaker_minimum, b.pilot_size, b.pilot_state, b.pilot_score,
               (b.pilot_cost_usd * 1000000)::int8 AS pilot_cost, b.pilot_failures
        FROM (SELECT * FROM batches WHERE ($1::text IS NULL OR batch_id = $1) AND ($2::text IS NULL OR user_id = $2)
              ORDER BY created_at DESC, batch_id LIMIT $3) b
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE t.status = 'pending') AS pending,
                   count(*) FILTER (WHERE t.status <> 'pending' AND NOT \(hasEnded)) AS active,
                   count(*) FILTER (WHERE t.status = 'completed') AS completed,
                   count(*) FILTER (WHERE t.status = 'partial_completion') AS partial,
                   count(*) FILTER (WHERE t.status = 'failed') AS failed,
                   count(*) FILTER (WHERE t.status = 'cancelled') AS cancelled,
                   coalesce(floor(avg(CASE WHEN \(hasEnded) THEN 100 ELSE t.progress END)), 0)::int8 AS progress
            FROM tasks t WHERE t.batch_id = b.batch_id) c
        CROSS JOIN LATERAL (
            -- Of one that has ended, its last pace.
            SELECT count(*) AS looked, extract(epoch FROM
                CASE WHEN c.pending + c.active = 0 THEN max(r.completed_at) ELSE now() END - min(r.completed_at))::float8 AS seconds
            FROM (SELECT t.completed_at FROM tasks t
                  WHERE t.batch_id = b.batch_id AND t.result_number IS NOT NULL AND t.status <> 'cancelled'
                  ORDER BY t.result_number DESC LIMIT \(BatchPace.most)) r
            WHERE c.pending + c.active = 0 OR r.completed_at > now() - interval '\(BatchPace.oldest) seconds') p
        ORDER BY b.created_at DESC, b.batch_id
        """)

    /// Those on the batches `$1` and their users.
    static let holds = PostgresStatement(
        "batch_holds",
        """
        SELECT b.batch_id, h.scope, h.subject, h.reason, h.actor, h.created_at
        FROM holds h JOIN batches b ON (h.scope IN ('batch', 'pilot') AND h.subject = b.batch_id)
                                    OR (h.scope = 'user' AND h.subject = b.user_id)
        WHERE b.batch_id = ANY($1) ORDER BY h.created_at, h.scope
        """)

    static let cost = PostgresStatement(
        "batch_cost",
        "SELECT \(LedgerSQL.sums) FROM tasks t JOIN ai_api_usage u ON u.task_id = t.task_id WHERE t.batch_id = $1")

    static let failures = PostgresStatement(
        "batch_failures",
        """
        WITH failed AS (SELECT t.task_id, t.failure FROM tasks t WHERE t.batch_id = $1 AND \(hasFailed)),
        letters AS (
            SELECT l.fingerprint, f.task_id, l.dead_letter_id, l.error
            FROM failed f JOIN dead_letters l ON l.task_id = f.task_id AND l.resolved_at IS NULL)
        SELECT fingerprint, count(DISTINCT task_id) AS tasks, max(dead_letter_id) AS letter,
               coalesce((array_agg(error ORDER BY dead_letter_id DESC))[1], '') AS example
        FROM letters GROUP BY fingerprint
        UNION ALL
        SELECT NULL, count(*), NULL, coalesce(left(f.failure, 200), 'parts are missing: its limitations say which') AS example
        FROM failed f WHERE f.task_id NOT IN (SELECT task_id FROM letters) GROUP BY 4
        ORDER BY 2 DESC, 1 LIMIT 50
        """)

    static let countCancel = PostgresStatement(
        "batch_count_cancel",
        """
        SELECT count(*) AS tasks, count(*) FILTER (WHERE t.status <> 'pending') AS of_them, now() AS as_of
        FROM tasks t WHERE t.batch_id = $1 AND \(isAtWork)
        """)

    static let markCancelled = PostgresStatement(
        "batch_mark_cancelled", "UPDATE batches SET cancelled_at = coalesce(cancelled_at, now()) WHERE batch_id = $1")

    /// Ids after `$3` of tasks to be cancelled, in the order in which several tasks are locked.
    static let cancelNext = PostgresStatement(
        "batch_cancel_next",
        """
        SELECT t.task_id FROM tasks t
        WHERE t.batch_id = $1 AND \(isAtWork) AND t.created_at <= to_timestamp($2::int8 / 1000000.0) AND t.task_id > $3
        ORDER BY t.task_id LIMIT $4
        """)

    /// A task that another retry has in its hands stays there.
    private static let isRetriable = """
        t.batch_id = $1 AND \(hasFailed) AND NOT t.retry_requested AND NOT EXISTS (
            SELECT FROM operation_tasks o WHERE o.task_id = t.task_id AND o.state IN ('queued', 'begun'))
        """

    static let countRetry = PostgresStatement(
        "batch_count_retry",
        """
        SELECT count(*) AS tasks, count(*) FILTER (WHERE t.status = 'partial_completion') AS of_them, now() AS as_of
        FROM tasks t WHERE \(isRetriable)
        """)

    static let takeForRetry = PostgresStatement(
        "batch_take_for_retry",
        """
        INSERT INTO operation_tasks (operation_id, task_id)
        SELECT $2, t.task_id FROM tasks t WHERE \(isRetriable) ORDER BY t.task_id
        ON CONFLICT DO NOTHING
        """)

    /// Its breaker looks only at what ends from now on.
    static let beginAnew = PostgresStatement(
        "batch_begin_anew",
        "UPDATE batches SET breaker_from = last_result, breaker_looked = last_result WHERE batch_id = $1")

    static let setBreaker = PostgresStatement(
        "batch_set_breaker",
        """
        UPDATE batches SET breaker_share = $2::float8, breaker_minimum = coalesce($3::int4, breaker_minimum),
            breaker_looked = breaker_from
        WHERE batch_id = $1
        """)

    static let endPilot = PostgresStatement(
        "batch_end_pilot",
        "UPDATE batches SET pilot_state = $2 WHERE batch_id = $1 AND pilot_state IN ('gathering', 'running')")
    static let liftPilot = PostgresStatement(
        "batch_lift_pilot", "DELETE FROM holds WHERE scope = 'pilot' AND subject = $1")
}
