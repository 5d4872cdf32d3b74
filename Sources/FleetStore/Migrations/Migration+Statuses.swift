extension Migration {
    /// Statuses, stages and counts that say what is.
    ///
    /// - `subtasks.status` also knows `cancelled`, which the specification has for tasks only: a subtask whose task was
    ///   cancelled is none of its six. `failed` would say that somebody had tried and could not, and the others that it
    ///   will go on.
    /// - `tasks.current_stage` has the specification's eight values and no others; the thirteen states of the workflow are
    ///   in `workflow_state`.
    /// - `tasks.checkpoint` is what a finished task was when its owner asked for more: a revision or a retry that is
    ///   cancelled goes back to it.
    /// - `revisions.fair_tag` is the revision's own place in its flow: with another priority, that of the task stands on
    ///   another clock.
    /// - `agent_tallies` is written with the advance that accepts something and folded into `agents` by the sweep, so that
    ///   nobody counts all subtasks and no advance waits for an agent's row.
    static let statuses = Migration(
        number: 6, name: "statuses",
        sql: """
            ALTER TABLE tasks ADD COLUMN last_plan_number INTEGER NOT NULL DEFAULT 0, ADD COLUMN checkpoint JSONB;
            COMMENT ON COLUMN tasks.last_plan_number IS 'The largest plan number in use: none is given twice.';
            COMMENT ON COLUMN tasks.checkpoint IS
                'What the task was when a revision or a retry was asked for; null once that has ended.';
            UPDATE tasks SET last_plan_number = plan_number WHERE plan_number > 0;

            UPDATE tasks t SET current_stage = coalesce(
                (SELECT CASE WHEN e.payload ->> 'to_stage' IN ('failed', 'cancelled') THEN e.payload ->> 'from_stage'
                             ELSE e.payload ->> 'to_stage' END
                 FROM events e WHERE e.task_id = t.task_id AND e.type = 'stage_transition' ORDER BY e.seq DESC LIMIT 1),
                'initialization')
            WHERE t.workflow_state IN ('failed', 'cancelled');
            UPDATE tasks SET current_stage = CASE current_stage
                WHEN 'pending' THEN 'initialization' WHEN 'task_decomposition' THEN 'specialist_selection'
                ELSE 'manager_review' END
            WHERE current_stage IN ('pending', 'task_decomposition', 'revision_required', 'manager_final_review');
            ALTER TABLE tasks ADD CHECK (current_stage IN (
                'initialization', 'task_analysis', 'specialist_selection', 'specialist_execution', 'coordination',
                'synthesis', 'manager_review', 'completed'));

            ALTER TABLE subtasks DROP CONSTRAINT subtasks_status_check;
            ALTER TABLE subtasks ADD CONSTRAINT subtasks_status_check CHECK (status IN (
                'pending', 'assigned', 'in_progress', 'completed', 'failed', 'needs_revision', 'cancelled'));
            UPDATE subtasks s SET status = 'cancelled', current_step_id = NULL,
                completed_at = coalesce(s.completed_at, t.completed_at, now())
            FROM tasks t
            WHERE t.task_id = s.task_id AND t.workflow_state = 'cancelled' AND s.status NOT IN ('completed', 'failed');

            ALTER TABLE revisions ADD COLUMN fair_tag BIGINT;

            ALTER TABLE agents ADD COLUMN ratings INTEGER NOT NULL DEFAULT 0,
                ADD COLUMN rating_total DOUBLE PRECISION NOT NULL DEFAULT 0;
            COMMENT ON COLUMN agents.total_tasks_completed IS
                'Accepted subtasks of a specialist; of manager, coordinator and analyst the tasks they have finished.';
            COMMENT ON COLUMN agents.average_rating IS 'Mean weighted score of the accepted subtasks that have one, 0 to 10.';
            CREATE TABLE agent_tallies (
                tally_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                agent_type VARCHAR(50) NOT NULL,
                completed INTEGER NOT NULL,
                ratings INTEGER NOT NULL,
                rating_total DOUBLE PRECISION NOT NULL,
                counted_at TIMESTAMPTZ NOT NULL DEFAULT now()
            ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
            COMMENT ON TABLE agent_tallies IS
                'What agents have completed since their rows were last brought up to date: at most about a minute.';
            INSERT INTO agent_tallies (agent_type, completed, ratings, rating_total)
            SELECT e.agent_type, count(*), count(s.best_score), coalesce(sum(s.best_score), 0)
            FROM subtasks s JOIN steps e ON e.step_id = s.best_solution_step_id
            WHERE s.status = 'completed' AND s.acceptance_status = 'accepted' GROUP BY e.agent_type
            UNION ALL
            SELECT e.agent_type, count(*), 0, 0
            FROM tasks t CROSS JOIN LATERAL (
                VALUES (t.analysis_step_id), (t.coordination_step_id), (t.synthesis_step_id)) v (step_id)
            JOIN steps e ON e.step_id = v.step_id
            WHERE t.workflow_state = 'completed' GROUP BY e.agent_type;
            """)
}
