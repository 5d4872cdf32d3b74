import PostgresClient

/// What is asked about dead letters, and done to them.
enum DeadLetterStatements {
    /// Open letters that match `$1` (ids, null: any) and `$2` (fingerprint, null: any).
    private static let matches = """
        l.resolved_at IS NULL AND ($1::int8[] IS NULL OR l.dead_letter_id = ANY($1))
            AND ($2::text IS NULL OR l.fingerprint = $2)
        """
    /// A replay has it in its hands.
    private static let isTaken = "coalesce(l.replay_state IN ('queued', 'begun'), FALSE)"

    static let columns = """
        l.dead_letter_id, l.fingerprint, l.reason, l.error_code, l.error, l.agent_type, l.kind, l.task_id, l.subtask_id,
        l.step_id, l.attempt, l.model, l.prompt_version, l.payload::text AS payload, l.deaths::text AS deaths, l.replays,
        l.operation_id, l.replay_state, l.replay_note, l.created_at, l.resolved_at, l.resolution
        """

    static let groups = PostgresStatement(
        "dead_letter_groups",
        """
        SELECT l.fingerprint, count(*) AS letters, count(DISTINCT l.task_id) AS tasks,
               count(*) FILTER (WHERE \(isTaken)) AS replaying, min(l.error_code) AS error_code,
               min(l.agent_type) AS agent_type, min(l.kind) AS kind, min(l.model) AS model,
               min(l.prompt_version) AS prompt_version, min(l.created_at) AS first, max(l.created_at) AS last,
               max(l.dead_letter_id) AS example,
               (array_agg(l.error ORDER BY l.dead_letter_id DESC))[1] AS error
        FROM dead_letters l WHERE l.resolved_at IS NULL GROUP BY l.fingerprint ORDER BY 2 DESC, 1
        """)

    static let letters = PostgresStatement(
        "dead_letters",
        "SELECT \(columns) FROM dead_letters l WHERE \(matches) ORDER BY l.dead_letter_id DESC LIMIT $3")

    static let letter = PostgresStatement(
        "dead_letter", "SELECT \(columns) FROM dead_letters l WHERE l.dead_letter_id = $1")

    /// Of the letters `$1`; null: open.
    static let endings = PostgresStatement(
        "dead_letter_endings",
        """
        SELECT dead_letter_id, CASE WHEN resolved_at IS NOT NULL THEN coalesce(resolution, 'closed') END AS resolution
        FROM dead_letters WHERE dead_letter_id = ANY($1) ORDER BY dead_letter_id
        """)

    static let failures = PostgresStatement(
        "dead_letter_failures",
        "SELECT attempt, at, worker, error FROM step_failures WHERE step_id = $1 ORDER BY attempt")

    static let calls = PostgresStatement(
        "dead_letter_calls",
        """
        SELECT attempt, timestamp AS at, provider, model, outcome, http_status::int4, provider_request_id,
               coalesce(prompt_tokens, estimated_input_tokens) AS input,
               coalesce(completion_tokens, estimated_output_tokens) AS output,
               (coalesce(cost_usd, estimate_usd) * 1000000)::int8 AS cost, cost_usd IS NULL AS is_estimate
        FROM ai_api_usage WHERE step_id = $1 ORDER BY attempt, call_number
        """)

    static let preview = PostgresStatement(
        "dead_letter_preview",
        """
        WITH m AS (
            SELECT l.task_id, \(isTaken) AS is_taken, t.status FROM dead_letters l LEFT JOIN tasks t ON t.task_id = l.task_id
            WHERE \(matches))
        SELECT count(*) AS letters, count(*) FILTER (WHERE is_taken) AS taken,
               count(DISTINCT task_id) FILTER (WHERE NOT is_taken AND status IN ('failed', 'partial_completion')) AS unblocked,
               count(DISTINCT task_id) FILTER (WHERE NOT is_taken
                   AND status NOT IN ('failed', 'partial_completion', 'completed', 'cancelled')) AS at_work,
               count(*) FILTER (WHERE NOT is_taken
                   AND (status IS NULL OR status IN ('completed', 'cancelled'))) AS pointless
        FROM m
        """)

    /// Of the thousand tasks that were finished last.
    static let costPerTask = PostgresStatement(
        "dead_letter_cost_per_task",
        """
        WITH finished AS (
            SELECT task_id FROM tasks WHERE status IN ('completed', 'partial_completion')
            ORDER BY created_at DESC LIMIT 1000),
        costs AS (
            SELECT sum(coalesce(u.cost_usd, u.estimate_usd, 0)) AS cost
            FROM finished f JOIN ai_api_usage u ON u.task_id = f.task_id GROUP BY f.task_id)
        SELECT (percentile_cont(0.5) WITHIN GROUP (ORDER BY cost::float8) * 1000000)::int8 AS p50,
               (percentile_cont(0.9) WITHIN GROUP (ORDER BY cost::float8) * 1000000)::int8 AS p90
        FROM costs
        """)

    static let knowsModel = PostgresStatement(
        "dead_letter_knows_model",
        """
        SELECT EXISTS (SELECT FROM agents WHERE is_active
            AND jsonb_path_exists(model_config, '$.** ? (@ == $m)', jsonb_build_object('m', $1::text)))
        """)

    static let take = PostgresStatement(
        "dead_letter_take",
        """
        WITH m AS MATERIALIZED (
            SELECT l.dead_letter_id FROM dead_letters l WHERE \(matches) AND NOT \(isTaken)
            ORDER BY l.dead_letter_id FOR NO KEY UPDATE)
        UPDATE dead_letters l SET operation_id = $3, replay_state = 'queued', replay_note = NULL, replay_due = NULL
        FROM m WHERE l.dead_letter_id = m.dead_letter_id
        """)

    static let discard = PostgresStatement(
        "dead_letter_discard",
        """
        WITH m AS MATERIALIZED (
            SELECT l.dead_letter_id FROM dead_letters l
            WHERE \(matches) AND l.replay_state IS DISTINCT FROM 'begun'
            ORDER BY l.dead_letter_id FOR NO KEY UPDATE)
        UPDATE dead_letters l SET resolved_at = now(), resolution = 'discarded', replay_note = $3,
            replay_state = CASE WHEN l.replay_state = 'queued' THEN 'skipped' ELSE l.replay_state END
        FROM m WHERE l.dead_letter_id = m.dead_letter_id
        """)

    /// The text before is kept in the letter, the first one if it is edited twice. Returns whether something was changed.
    static let edit = PostgresStatement(
        "dead_letter_edit",
        """
        WITH l AS (
            SELECT dead_letter_id, task_id, subtask_id FROM dead_letters
            WHERE dead_letter_id = $1 AND resolved_at IS NULL FOR NO KEY UPDATE),
        before AS (
            SELECT l.dead_letter_id, coalesce(u.description, t.description) AS description
            FROM l JOIN tasks t ON t.task_id = l.task_id LEFT JOIN subtasks u ON u.subtask_id = l.subtask_id),
        kept AS (
            UPDATE dead_letters d SET payload = jsonb_build_object('original_description', b.description)
                || coalesce(CASE WHEN jsonb_typeof(d.payload) = 'object' THEN d.payload END, '{}')
            FROM before b WHERE d.dead_letter_id = b.dead_letter_id),
        part AS (
            UPDATE subtasks u SET description = $2, updated_at = now() FROM l, before b WHERE u.subtask_id = l.subtask_id
            RETURNING u.subtask_id),
        whole AS (
            UPDATE tasks t SET description = $2 FROM l, before b
            WHERE t.task_id = l.task_id AND NOT EXISTS (SELECT FROM part) RETURNING t.task_id)
        SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM whole) > 0
        """)
}
