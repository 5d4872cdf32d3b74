import PostgresClient

/// What is asked about operations, and done for them.
enum OperationStatements {
    /// How far it is follows from its letters, or its tasks: nothing is counted twice, whoever dies.
    private static let record = """
        o.operation_id, o.kind, o.state, o.matched, c.begun, c.done, c.failed, c.skipped, o.rate_per_minute, o.canary,
        o.actor, o.reason, o.created_at, o.finished_at, o.problem
        """
    private static let counts = """
        LATERAL (
            SELECT count(*) FILTER (WHERE l.state <> 'queued') AS begun,
                   count(*) FILTER (WHERE l.state = 'done') AS done,
                   count(*) FILTER (WHERE l.state = 'failed') AS failed,
                   count(*) FILTER (WHERE l.state = 'skipped') AS skipped
            FROM (SELECT replay_state AS state FROM dead_letters WHERE operation_id = o.operation_id
                  UNION ALL SELECT state FROM operation_tasks WHERE operation_id = o.operation_id) l) c
        """

    static let insert = PostgresStatement(
        "operation_insert",
        """
        INSERT INTO operations (operation_id, kind, parameters, matched, rate_per_minute, canary, actor, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """)

    static let setMatched = PostgresStatement(
        "operation_set_matched", "UPDATE operations SET matched = $2 WHERE operation_id = $1")

    static let all = PostgresStatement(
        "operations",
        """
        SELECT \(record) FROM operations o CROSS JOIN \(counts)
        WHERE $1 OR o.state IN ('running', 'paused') ORDER BY o.created_at DESC, o.operation_id LIMIT 1000
        """)

    static let one = PostgresStatement(
        "operation", "SELECT \(record) FROM operations o CROSS JOIN \(counts) WHERE o.operation_id = $1")

    static let lock = PostgresStatement(
        "operation_lock", "SELECT state FROM operations WHERE operation_id = $1 FOR NO KEY UPDATE")

    static let change = PostgresStatement(
        "operation_change",
        """
        UPDATE operations SET state = $2, problem = NULL,
            started_at = CASE WHEN $2 = 'running' THEN now() ELSE started_at END,
            finished_at = CASE WHEN $2 = 'cancelled' THEN now() END
        WHERE operation_id = $1
        """)

    /// What a cancelled operation has not begun is free for another.
    static let free = PostgresStatement(
        "operation_free",
        """
        WITH tasks AS (
            UPDATE operation_tasks SET state = 'skipped', note = 'the operation was cancelled'
            WHERE operation_id = $1 AND state = 'queued')
        UPDATE dead_letters SET replay_state = 'skipped', replay_note = 'the replay was cancelled'
        WHERE operation_id = $1 AND replay_state = 'queued'
        """)

    static let running = PostgresStatement(
        "operations_running",
        "SELECT operation_id, kind FROM operations WHERE state = 'running' ORDER BY created_at LIMIT 100")

    /// One that another scheduler is carrying on is passed by.
    static let take = PostgresStatement(
        "operation_take",
        """
        SELECT o.parameters ->> 'model' AS model, o.canary, o.rate_per_minute,
               extract(epoch FROM clock_timestamp() - o.started_at)::float8 AS elapsed,
               (SELECT count(*) FROM dead_letters l
                WHERE l.operation_id = o.operation_id AND l.replayed_at >= o.started_at)
               + (SELECT count(*) FROM operation_tasks k
                  WHERE k.operation_id = o.operation_id AND k.begun_at >= o.started_at) AS recent
        FROM operations o WHERE o.operation_id = $1 AND o.state = 'running' FOR NO KEY UPDATE SKIP LOCKED
        """)

    /// The work of the letter `l`: the same kind of step, for the same part of the same task.
    private static let sameWork =
        "x.task_id = l.task_id AND x.kind = l.kind AND x.subtask_id IS NOT DISTINCT FROM l.subtask_id"

    /// It was done after the letter was written, or the letter is about a ticket and the step came through.
    private static let succeeded = """
        EXISTS (SELECT FROM steps x WHERE \(sameWork) AND x.state = 'succeeded'
            AND (x.finished_at > l.created_at OR x.step_id = l.step_id))
        """

    static let begun = PostgresStatement(
        "operation_begun",
        """
        SELECT l.dead_letter_id, t.status,
               coalesce(t.retry_requested OR t.workflow_state NOT IN ('completed', 'failed', 'cancelled')
                        OR t.active_revision_id IS NOT NULL, FALSE) AS is_at_work,
               \(succeeded) AS succeeded,
               EXISTS (SELECT FROM dead_letters x WHERE \(sameWork) AND x.dead_letter_id > l.dead_letter_id) AS died_again
        FROM dead_letters l LEFT JOIN tasks t ON t.task_id = l.task_id
        WHERE l.operation_id = $1 AND l.replay_state = 'begun' ORDER BY l.dead_letter_id LIMIT 2000
        """)

    /// A letter that died again is closed: the newer one stands for it, and remembers how often.
    static let noteResults = PostgresStatement(
        "operation_note_results",
        """
        WITH v AS (SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[]) AS v (id, state, note, resolution)),
        noted AS (
            UPDATE dead_letters l SET replay_state = v.state, replay_note = v.note, resolution = v.resolution,
                resolved_at = CASE WHEN v.resolution IS NOT NULL THEN now() END
            FROM v WHERE l.dead_letter_id = v.id AND l.resolved_at IS NULL
            RETURNING l.dead_letter_id, l.task_id, l.kind, l.subtask_id, l.replays, l.resolution)
        UPDATE dead_letters x SET replays = greatest(x.replays, l.replays)
        FROM noted l WHERE l.resolution = 'died_again' AND \(sameWork) AND x.dead_letter_id > l.dead_letter_id
        """)

    static let queued = PostgresStatement(
        "operation_queued",
        """
        SELECT dead_letter_id, task_id FROM dead_letters
        WHERE operation_id = $1 AND replay_state = 'queued' AND coalesce(replay_due, '-infinity') <= now()
        ORDER BY dead_letter_id LIMIT $2 FOR NO KEY UPDATE
        """)

    /// In order, as everything that locks several tasks.
    static let tasks = PostgresStatement(
        "operation_tasks",
        """
        SELECT task_id, status, retry_requested FROM tasks WHERE task_id = ANY($1)
        ORDER BY task_id FOR NO KEY UPDATE
        """)

    static let noteBegun = PostgresStatement(
        "operation_note_begun",
        """
        UPDATE dead_letters SET replay_state = 'begun', replays = replays + 1, replayed_at = clock_timestamp()
        WHERE dead_letter_id = ANY($1)
        """)

    /// They are looked at again when the others have had their turn.
    static let noteWaiting = PostgresStatement(
        "operation_note_waiting",
        """
        UPDATE dead_letters SET replay_due = now() + interval '5 seconds', replay_note = 'its task is still at work'
        WHERE dead_letter_id = ANY($1)
        """)

    static let retryTasks = PostgresStatement(
        "operation_retry_tasks",
        """
        WITH asked AS (
            UPDATE tasks t SET retry_requested = TRUE, preferred_model = $2, updated_at = now(),
                estimated_completion = now() + make_interval(secs => $3), checkpoint = \(TaskCheckpoint.taken)
            WHERE task_id = ANY($1) RETURNING t.task_id)
        INSERT INTO task_wakeups (task_id) SELECT task_id FROM asked
        """)

    static let pauseAfterCanary = PostgresStatement(
        "operation_canary_failed",
        """
        UPDATE operations SET state = 'paused', problem = 'the canary did not succeed: see mixmyai ' || $2
        WHERE operation_id = $1
        """)

    /// Whether the canary has done well, has failed, or has not ended yet.
    static let canary = PostgresStatement(
        "operation_canary",
        """
        SELECT count(*) FILTER (WHERE replay_state = 'done') AS done,
               min(dead_letter_id) FILTER (WHERE replay_state = 'failed') AS failed,
               count(*) FILTER (WHERE replay_state = 'begun') AS begun
        FROM dead_letters WHERE operation_id = $1
        """)

    static let finish = PostgresStatement(
        "operation_finish",
        """
        UPDATE operations SET state = 'done', finished_at = now()
        WHERE operation_id = $1 AND NOT EXISTS (
            SELECT FROM dead_letters WHERE operation_id = $1 AND replay_state IN ('queued', 'begun'))
            AND NOT EXISTS (SELECT FROM operation_tasks WHERE operation_id = $1 AND state IN ('queued', 'begun'))
        """)

    /// Letters after `$1` whose work was done after all, by whatever way. Returns the last that was looked at, and how many
    /// were.
    static let close = PostgresStatement(
        "dead_letters_close",
        """
        WITH looked AS MATERIALIZED (
            SELECT dead_letter_id FROM dead_letters WHERE resolved_at IS NULL AND dead_letter_id > $1
            ORDER BY dead_letter_id LIMIT 500),
        closed AS (
            UPDATE dead_letters l SET resolved_at = now(), resolution = 'succeeded' FROM looked k
            WHERE l.dead_letter_id = k.dead_letter_id AND l.replay_state IS DISTINCT FROM 'begun'
                AND l.replay_state IS DISTINCT FROM 'queued' AND \(succeeded))
        SELECT max(dead_letter_id) AS last, count(*) AS looked FROM looked
        """)
}
