import FleetCore
import JSON
import PostgresClient

extension PostgresWorkflowStore {
    /// Rows are looked up by `FROM unnest($1) JOIN`, not by `= ANY($1)`: with an array as a parameter the planner likes
    /// to read the whole table and compare each row with each key.
    enum Statements {
        /// Not `WHERE wakeup_id IN (SELECT ...)`: the planner may run that again for each row, and then the limit does not
        /// hold. Ids up to `$2` are left out: see ``WakeUpCursor``.
        static let takeWakeUps = PostgresStatement(
            "take_wakeups",
            """
            WITH next AS MATERIALIZED (
                SELECT wakeup_id FROM task_wakeups WHERE wakeup_id > $2 ORDER BY wakeup_id LIMIT $1
                FOR UPDATE SKIP LOCKED),
            taken AS (
                DELETE FROM task_wakeups w USING next n WHERE w.wakeup_id = n.wakeup_id
                RETURNING w.task_id, w.wakeup_id)
            SELECT task_id, count(*) AS wake_ups, min(wakeup_id) AS lowest FROM taken GROUP BY task_id ORDER BY task_id
            """)

        /// The first wake-ups by task. Others may hold some of them: taking skips those.
        static let nextWakeUps = PostgresStatement(
            "next_wakeups",
            """
            SELECT task_id, array_agg(wakeup_id) AS wake_ups
            FROM (SELECT task_id, wakeup_id FROM task_wakeups ORDER BY wakeup_id LIMIT $1) w GROUP BY task_id ORDER BY task_id
            """)

        static let takeTheseWakeUps = PostgresStatement(
            "take_these_wakeups",
            """
            WITH next AS MATERIALIZED (
                SELECT wakeup_id FROM task_wakeups WHERE wakeup_id = ANY($1) ORDER BY wakeup_id FOR UPDATE SKIP LOCKED),
            taken AS (
                DELETE FROM task_wakeups w USING next n WHERE w.wakeup_id = n.wakeup_id
                RETURNING w.task_id, w.wakeup_id)
            SELECT task_id, count(*) AS wake_ups, min(wakeup_id) AS lowest FROM taken GROUP BY task_id
            """)

        /// The sweep wakes what has not changed for a while, and new tasks are admitted then: not each time somebody looks.
        static let stalled = PostgresStatement(
            "set_aside", "UPDATE tasks SET updated_at = now() WHERE task_id = ANY($1)")

        /// Somebody else is at some of them: they are left for the next round.
        static let postpone = PostgresStatement(
            "postpone",
            """
            INSERT INTO task_wakeups (task_id)
            SELECT t.task_id FROM unnest($1::text[]) AS k (task_id) JOIN tasks t ON t.task_id = k.task_id
            """)

        static let lockTasks = PostgresStatement(
            "lock_tasks",
            """
            SELECT t.task_id, t.user_id, t.title,
                   CASE WHEN t.workflow_state = 'task_decomposition' THEN t.description ELSE '' END AS description,
                   t.priority, t.workflow_state, t.progress, t.current_step_id, t.analysis::text, t.selection::text,
                   t.plan_number, t.plan_repairs, t.final_revisions, t.analysis_step_id, t.coordination_step_id,
                   t.synthesis_step_id, t.answer_version, t.limitations::text, t.retry_requested, t.event_seq, t.fair_tag,
                   t.cancel_epoch, t.last_plan_number, now(), t.final_review_step_id, t.preferred_model,
                   CASE WHEN t.completed_at IS NULL THEN extract(epoch FROM now() - t.created_at) END::float8 AS age
            FROM unnest($1::text[]) AS k (task_id) JOIN tasks t ON t.task_id = k.task_id
            ORDER BY t.task_id FOR NO KEY UPDATE OF t SKIP LOCKED
            """)

        /// The revision that is worked on, otherwise those that wait, the oldest first. Not joined to the locked rows:
        /// what such a join reads is as old as the statement, and a revision that was cancelled meanwhile would begin.
        static let loadRevisions = PostgresStatement(
            "load_revisions",
            """
            SELECT t.task_id, t.active_revision_id IS NOT NULL AS is_active, r.revision_id, r.revision_request, r.specific_areas::text,
                   r.scope, r.priority, r.fair_tag
            FROM unnest($1::text[]) AS k (task_id)
            JOIN tasks t ON t.task_id = k.task_id
                AND (t.active_revision_id IS NOT NULL OR t.workflow_state IN ('completed', 'failed'))
            JOIN revisions r ON r.task_id = t.task_id
                AND coalesce(r.revision_id = t.active_revision_id, r.status = 'pending')
            ORDER BY r.created_at, r.revision_id
            """)

        static let loadSubtasks = PostgresStatement(
            "load_subtasks",
            """
            SELECT s.task_id, s.subtask_id, s.plan_key, s.title, s.assigned_agent_id, s.depends_on, s.priority,
                   s.is_complex, s.status, s.acceptance_status, s.is_partial, s.cycle, s.current_step_id, s.version,
                   s.latest_solution_step_id, s.best_solution_step_id, s.best_score, s.review_step_id, s.tried_agents,
                   s.failure, s.requirements::text, s.best_review_step_id, s.review_step_ids, s.is_shortened
            FROM unnest($1::text[]) AS k (task_id) JOIN tasks t ON t.task_id = k.task_id
            JOIN subtasks s ON s.task_id = t.task_id AND s.plan_number = t.plan_number
            ORDER BY s.task_id, s.ordinal
            """)

        static let loadSteps = PostgresStatement(
            "load_steps",
            """
            SELECT s.task_id, s.step_id, s.kind, s.state, s.error, r.output,
                   CASE WHEN s.kind = 'subtask_execution' AND s.state = 'succeeded' THEN (
                       SELECT left(o.content, \(StepRecord.previewLength)) FROM solutions o WHERE o.step_id = s.step_id) END AS preview
            FROM (SELECT t.current_step_id AS step_id FROM unnest($1::text[]) AS k (task_id)
                  JOIN tasks t ON t.task_id = k.task_id WHERE t.current_step_id IS NOT NULL
                  UNION ALL
                  SELECT s.current_step_id FROM unnest($1::text[]) AS k (task_id)
                  JOIN tasks t ON t.task_id = k.task_id
                  JOIN subtasks s ON s.task_id = t.task_id AND s.plan_number = t.plan_number
                  WHERE s.current_step_id IS NOT NULL) p
            JOIN steps s ON s.step_id = p.step_id
            LEFT JOIN step_results r ON r.step_id = s.step_id
            """)

        static let allocateStepIDs = PostgresStatement(
            "allocate_step_ids", "SELECT nextval('step_ids') FROM generate_series(1, $1)")

        static let load = PostgresStatement("load", "SELECT agent_type, state, steps FROM queue_loads")

        static let registerAgents = TableStatement<(agent: AgentSpec, bounds: AttemptBounds)>(
            "register_agents",
            [
                .text("type", \.agent.type), .text("role", \.agent.role.rawValue),
                .text("description", \.agent.description), .strings("capabilities", \.agent.capabilities),
                .jsonb("config") { row in
                    let config: JSONValue = [
                        "models": .strings(row.agent.models), "complex_models": .strings(row.agent.complexModels),
                        "max_output_tokens": .integer(row.agent.maxOutputTokens),
                    ]
                    return config.serialized()
                }, .jsonb("bounds") { $0.bounds.json(for: $0.agent.type).serialized() },
            ]
        ) { v in
            """
            INSERT INTO agents (agent_id, agent_type, role, description, capabilities, model_config, attempt_bounds)
            SELECT v.type, v.type, v.role, v.description, v.capabilities, v.config, v.bounds FROM \(v)
            ON CONFLICT (agent_id) DO UPDATE SET role = excluded.role, description = excluded.description,
                capabilities = excluded.capabilities, model_config = excluded.model_config,
                attempt_bounds = excluded.attempt_bounds, is_active = TRUE, updated_at = now()
            WHERE (agents.role, agents.description, agents.capabilities, agents.model_config, agents.attempt_bounds,
                   agents.is_active)
                IS DISTINCT FROM
                (excluded.role, excluded.description, excluded.capabilities, excluded.model_config,
                 excluded.attempt_bounds, TRUE)
            """
        }
        static let retireAgents = PostgresStatement(
            "retire_agents",
            "UPDATE agents SET is_active = FALSE, updated_at = now() WHERE is_active AND agent_type <> ALL($1::text[])")

        static let registerQueues = PostgresStatement(
            "register_queues",
            """
            INSERT INTO agent_queues AS q (agent_type) SELECT unnest($1::text[])
            ON CONFLICT (agent_type) DO UPDATE SET retired_at = NULL WHERE q.retired_at IS NOT NULL
            """)

        static let retireQueues = PostgresStatement(
            "retire_queues",
            "UPDATE agent_queues SET retired_at = now() WHERE retired_at IS NULL AND agent_type <> ALL($1::text[])")

        /// The owner's next wish is taken up as soon as the last one is done.
        static let wakeForPendingRevisions = PostgresStatement(
            "wake_for_pending_revisions",
            """
            INSERT INTO task_wakeups (task_id)
            SELECT DISTINCT task_id FROM revisions WHERE task_id = ANY($1) AND status = 'pending'
            """)
    }
}
