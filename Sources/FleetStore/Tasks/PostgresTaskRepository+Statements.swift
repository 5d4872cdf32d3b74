import PostgresClient

extension PostgresTaskRepository {
    enum Statements {
        static let check = PostgresStatement("tasks_check", "SELECT 1 FROM fair_clocks LIMIT 1")

        /// Of the last hundred tasks that were completed.
        static let medianDuration = PostgresStatement(
            "tasks_median_duration",
            """
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM completed_at - created_at)::float8)
            FROM (SELECT completed_at, created_at FROM tasks WHERE ended_as = 'completed'
                  ORDER BY created_at DESC LIMIT 100) t
            """)

        static let agentTypes = PostgresStatement(
            "tasks_agent_types",
            """
            SELECT agent_type, role, description, capabilities::text FROM agents WHERE is_active
            ORDER BY array_position(ARRAY['manager', 'coordinator', 'analyst', 'specialist'], role::text), agent_type
            """)

        /// What a task's summary is read from.
        static let summaryColumns = """
            t.task_id, t.user_id, t.title, t.status, t.priority, t.progress, t.current_stage, b.name AS batch, t.created_at,
            t.updated_at, t.completed_at, t.estimated_completion, t.limitations::text, t.failure, t.workflow_state
            """

        static let task = PostgresStatement(
            "tasks_one",
            """
            SELECT \(summaryColumns), t.description, t.context::text, t.retry_requested, t.active_revision_id,
                   c.proved, c.expected, c.at_most
            FROM tasks t LEFT JOIN batches b ON b.batch_id = t.batch_id
            CROSS JOIN LATERAL (SELECT \(LedgerSQL.sums) FROM ai_api_usage u WHERE u.task_id = t.task_id) c
            WHERE t.task_id = $1 AND ($2::text IS NULL OR t.user_id = $2)
            """)

        static let subtasks = PostgresStatement(
            "tasks_subtasks",
            """
            SELECT s.subtask_id, s.plan_key, s.title, s.assigned_agent_id, s.status, s.acceptance_status, s.depends_on,
                   s.best_score, s.is_partial, s.failure
            FROM subtasks s JOIN tasks t ON t.task_id = s.task_id AND t.plan_number = s.plan_number
            WHERE s.task_id = $1 ORDER BY s.ordinal
            """)

        static let openSteps = PostgresStatement(
            "tasks_open_steps",
            """
            SELECT step_id, kind, agent_type, subtask_id, state, attempt, wait_reason, not_before
            FROM steps WHERE task_id = $1 AND state IN ('ready', 'dispatched', 'running', 'parked') ORDER BY step_id
            """)

        static let answer = PostgresStatement(
            "tasks_answer",
            """
            SELECT content, metadata::text, version, created_at FROM solutions
            WHERE task_id = $1 AND solution_type = 'final' ORDER BY created_at DESC, version DESC LIMIT 1
            """)

        static let isVisible = PostgresStatement(
            "tasks_is_visible", "SELECT 1 FROM tasks WHERE task_id = $1 AND ($2::text IS NULL OR user_id = $2)")

        static let events = PostgresStatement(
            "tasks_events",
            """
            SELECT seq, payload::text FROM events WHERE task_id = $1 AND last_seq > $2 AND seq > $2 ORDER BY seq LIMIT $3
            """)
    }
}
