import FleetCore
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
        static let setAside = PostgresStatement(
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
                   t.cancel_epoch, t.last_plan_number, now(), t.final_review_step_id
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
            SELECT s.task_id, s.step_id, s.kind, s.state, s.error, r.output::text,
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

        static let registerAgents = PostgresStatement(
            "register_agents",
            """
            INSERT INTO agents (agent_id, agent_type, role, description, capabilities, model_config, attempt_bounds)
            SELECT a.type, a.type, a.role, a.description, a.capabilities, a.config, a.bounds
            FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
                AS a (type, role, description, capabilities, config, bounds)
            ON CONFLICT (agent_id) DO UPDATE SET role = excluded.role, description = excluded.description,
                capabilities = excluded.capabilities, model_config = excluded.model_config,
                attempt_bounds = excluded.attempt_bounds, is_active = TRUE, updated_at = now()
            WHERE (agents.role, agents.description, agents.capabilities, agents.model_config, agents.attempt_bounds,
                   agents.is_active)
                IS DISTINCT FROM
                (excluded.role, excluded.description, excluded.capabilities, excluded.model_config,
                 excluded.attempt_bounds, TRUE)
            """)

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

        /// Long columns are written only when they change: given anew they would be compressed and stored anew each time.
        /// Null leaves them, a JSON null clears them. A stage of null is the one before. What the task could go back to is
        /// forgotten with its end.
        static let updateTasks = PostgresStatement(
            "update_tasks",
            """
            UPDATE tasks t SET status = v.status, workflow_state = v.state,
                current_stage = coalesce(v.stage, t.current_stage),
                progress = v.progress, current_step_id = v.current_step_id,
                analysis = CASE WHEN v.analysis IS NULL THEN t.analysis ELSE nullif(v.analysis, 'null') END,
                selection = CASE WHEN v.selection IS NULL THEN t.selection ELSE nullif(v.selection, 'null') END,
                plan_number = v.plan_number, last_plan_number = v.last_plan_number,
                plan_repairs = v.plan_repairs, final_revisions = v.final_revisions,
                analysis_step_id = v.analysis_step_id, coordination_step_id = v.coordination_step_id,
                synthesis_step_id = v.synthesis_step_id, answer_version = v.answer_version,
                active_revision_id = v.active_revision_id, retry_requested = FALSE, limitations = v.limitations,
                failure = v.failure, event_seq = v.event_seq, final_review_step_id = v.final_review_step_id,
                updated_at = now(),
                completed_at = CASE WHEN v.is_terminal THEN coalesce(t.completed_at, now()) END,
                checkpoint = CASE WHEN v.is_terminal THEN NULL ELSE t.checkpoint END
            FROM unnest($1::text[], $2::text[], $3::text[], $4::int4[], $5::int8[], $6::jsonb[], $7::jsonb[], $8::int4[],
                        $9::int4[], $10::int4[], $11::int8[], $12::int8[], $13::int8[], $14::int4[], $15::text[],
                        $16::jsonb[], $17::text[], $18::int8[], $19::bool[], $20::int8[], $21::text[], $22::int4[])
                AS v (task_id, status, state, progress, current_step_id, analysis, selection, plan_number, plan_repairs,
                      final_revisions, analysis_step_id, coordination_step_id, synthesis_step_id, answer_version,
                      active_revision_id, limitations, failure, event_seq, is_terminal, final_review_step_id, stage,
                      last_plan_number)
            WHERE t.task_id = v.task_id
            """)

        static let insertSubtasks = PostgresStatement(
            "insert_subtasks",
            """
            INSERT INTO subtasks (subtask_id, task_id, assigned_agent_id, title, description, requirements, status, priority,
                                  plan_number, ordinal, plan_key, depends_on, deliverable, is_complex, current_step_id,
                                  acceptance_status, failure)
            SELECT v.subtask_id, v.task_id, v.agent, v.title, v.description, v.requirements, v.status, v.priority,
                   v.plan_number, v.ordinal, v.plan_key, ARRAY(SELECT jsonb_array_elements_text(v.depends_on)),
                   v.deliverable, v.is_complex, v.current_step_id, v.acceptance, v.failure
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::int4[],
                        $9::int4[], $10::int4[], $11::text[], $12::jsonb[], $13::text[], $14::bool[], $15::int8[],
                        $16::text[], $17::text[])
                AS v (subtask_id, task_id, agent, title, description, requirements, status, priority, plan_number,
                      ordinal, plan_key, depends_on, deliverable, is_complex, current_step_id, acceptance, failure)
            """)

        /// Whole rows, from what was read under the task's lock. Claims do not take that lock: what one of them has said
        /// meanwhile about the step that the row still waits for holds, and only they write `started_at`.
        static let updateSubtasks = PostgresStatement(
            "update_subtasks",
            """
            UPDATE subtasks s SET assigned_agent_id = v.agent,
                status = CASE WHEN s.status = 'in_progress' AND v.status IN ('assigned', 'needs_revision')
                                  AND s.current_step_id = v.current_step_id
                              THEN s.status ELSE v.status END,
                acceptance_status = v.acceptance,
                is_partial = v.is_partial, cycle = v.cycle, current_step_id = v.current_step_id, version = v.version,
                latest_solution_step_id = v.latest, best_solution_step_id = v.best, best_score = v.best_score,
                review_step_id = v.review_step_id, failure = v.failure,
                manager_feedback = coalesce(v.feedback, s.manager_feedback),
                tried_agents = ARRAY(SELECT jsonb_array_elements_text(v.tried)), updated_at = now(),
                best_review_step_id = v.best_review, is_shortened = v.is_shortened,
                review_step_ids = ARRAY(SELECT jsonb_array_elements_text(v.reviews)::int8),
                result = CASE WHEN v.status = 'completed' AND v.acceptance = 'accepted'
                    THEN (SELECT left(content, 2000) FROM solutions WHERE step_id = v.best) END,
                result_metadata = CASE WHEN v.status = 'completed'
                    THEN jsonb_build_object('solution_id', 'sol_' || v.best, 'score', v.best_score,
                                            'partial', v.is_partial) END,
                completed_at = CASE WHEN v.status IN ('completed', 'failed') THEN coalesce(s.completed_at, now()) END
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::int4[], $7::int8[], $8::int4[],
                        $9::int8[], $10::int8[], $11::float8[], $12::int8[], $13::text[], $14::jsonb[], $15::text[],
                        $16::int8[], $17::jsonb[], $18::bool[])
                AS v (subtask_id, agent, status, acceptance, is_partial, cycle, current_step_id, version, latest, best,
                      best_score, review_step_id, failure, tried, feedback, best_review, reviews, is_shortened)
            WHERE s.subtask_id = v.subtask_id
            """)

        static let insertSteps = PostgresStatement(
            "insert_steps",
            """
            WITH v AS (
                SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int4[], $7::int8[],
                                     $8::int4[], $9::jsonb[])
                    AS v (step_id, task_id, subtask_id, kind, agent_type, priority, fair_tag, cancel_epoch, input)),
            inputs AS (INSERT INTO step_inputs (step_id, input) SELECT step_id, input FROM v)
            INSERT INTO steps (step_id, task_id, subtask_id, kind, agent_type, state, priority, fair_tag, cancel_epoch)
            SELECT step_id, task_id, subtask_id, kind, agent_type, 'ready', priority, fair_tag, cancel_epoch FROM v
            """)

        static let insertEvents = PostgresStatement(
            "insert_events",
            """
            INSERT INTO events (task_id, seq, type, payload)
            SELECT * FROM unnest($1::text[], $2::int8[], $3::text[], $4::jsonb[])
            """)

        static let insertInteractions = PostgresStatement(
            "insert_interactions",
            """
            INSERT INTO interactions (interaction_id, task_id, agent_id, interaction_type, action, description, metadata)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
            """)

        static let judgeSolutions = PostgresStatement(
            "judge_solutions",
            """
            UPDATE solutions s SET is_accepted = v.accepted, acceptance_feedback = v.feedback,
                metadata = coalesce(s.metadata, '{}') || jsonb_strip_nulls(jsonb_build_object(
                    'score', v.score, 'verdict', v.verdict, 'partial', v.is_partial,
                    'adjusted_by', nullif(v.adjusted_by, '[]')))
            FROM unnest($1::int8[], $2::bool[], $3::text[], $4::float8[], $5::bool[], $6::text[], $7::jsonb[])
                AS v (step_id, accepted, feedback, score, is_partial, verdict, adjusted_by)
            WHERE s.step_id = v.step_id
            """)

        /// The answer that the user gets: a copy of the synthesis, or the accepted solutions one after another.
        static let insertFinal = PostgresStatement(
            "insert_final",
            """
            WITH v AS (
                SELECT * FROM unnest($1::text[], $2::int8[], $3::text[], $4::int4[], $5::jsonb[], $6::bool[], $7::int8[])
                    AS v (task_id, step_id, agent, version, limitations, is_partial, event_seq)),
            accepted AS (UPDATE solutions SET is_accepted = TRUE FROM v WHERE solutions.step_id = v.step_id)
            INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata, version, is_accepted)
            SELECT 'sol_' || right(v.task_id, 30) || '_final_' || v.event_seq, v.task_id, v.agent, 'final',
                   coalesce(s.content, ''),
                   coalesce(s.metadata, '{}') || jsonb_build_object('limitations', v.limitations, 'partial', v.is_partial),
                   v.version, TRUE
            FROM v LEFT JOIN solutions s ON s.step_id = v.step_id
            """)

        static let insertAssembledFinal = PostgresStatement(
            "insert_assembled_final",
            """
            INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata, version, is_accepted)
            SELECT 'sol_' || right($1::text, 30) || '_final_' || $6::int8, $1, $2, 'final',
                   coalesce((SELECT string_agg('## ' || coalesce(u.title, '') || E'\\n\\n' || s.content, E'\\n\\n'
                                               ORDER BY array_position($3::int8[], s.step_id))
                             FROM solutions s LEFT JOIN subtasks u USING (subtask_id) WHERE s.step_id = ANY($3)), ''),
                   jsonb_build_object('limitations', $4::jsonb, 'partial', TRUE), $5, TRUE
            """)

        /// Counted by who wrote it: a subtask's specialist may have changed since its best solution.
        static let insertTallies = PostgresStatement(
            "insert_tallies",
            """
            INSERT INTO agent_tallies (agent_type, completed, ratings, rating_total)
            SELECT s.agent_type, count(*), count(v.score), coalesce(sum(v.score), 0)
            FROM unnest($1::int8[], $2::float8[]) AS v (step_id, score) JOIN steps s ON s.step_id = v.step_id
            GROUP BY s.agent_type
            """)

        static let moveRevisions = PostgresStatement(
            "move_revisions",
            """
            UPDATE revisions r SET status = v.status, scope = coalesce(v.scope, r.scope),
                completed_at = CASE WHEN v.is_finished THEN now() END
            FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[]) AS v (revision_id, status, scope, is_finished)
            WHERE r.revision_id = v.revision_id
            """)

        /// The owner's next wish is taken up as soon as the last one is done.
        static let wakeForPendingRevisions = PostgresStatement(
            "wake_for_pending_revisions",
            """
            INSERT INTO task_wakeups (task_id)
            SELECT DISTINCT task_id FROM revisions WHERE task_id = ANY($1) AND status = 'pending'
            """)
    }
}
