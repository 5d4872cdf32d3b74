extension Migration {
    /// Large backlogs and long outages cost what they must, and no more.
    ///
    /// - New tasks are taken up by priority and fair share (`idx_tasks_pending`); the sweep for idle tasks passes them by.
    /// - What waits for capacity is found by agent type and priority, whatever it waits for (`idx_steps_waiting`).
    /// - `queue_loads`: the open steps, counted once every few seconds for all schedulers.
    /// - `workers.circuits` and `circuit_resets`: which circuits are open, and the wish to close them.
    /// - `agent_queues.retired_at`: the type has left the catalogue; nothing is dispatched to a queue that nobody serves.
    static let admission = Migration(
        number: 8, name: "admission",
        sql: """
            CREATE INDEX idx_tasks_pending ON tasks ((\(PostgresWorkflowStore.AdmissionStatements.rank)), fair_tag, task_id)
                WHERE workflow_state = 'pending';
            DROP INDEX idx_tasks_open;
            CREATE INDEX idx_tasks_open ON tasks (task_id)
                WHERE workflow_state NOT IN ('pending', 'completed', 'failed', 'cancelled') OR active_revision_id IS NOT NULL;
            DELETE FROM task_wakeups w USING tasks t WHERE t.task_id = w.task_id AND t.workflow_state = 'pending';

            CREATE INDEX idx_steps_waiting ON steps (agent_type, priority, wait_reason) WHERE state = 'parked';

            CREATE TABLE queue_loads (
                agent_type VARCHAR(50) NOT NULL,
                state VARCHAR(12) NOT NULL,
                steps BIGINT NOT NULL,
                counted_at TIMESTAMPTZ NOT NULL DEFAULT now(),
                PRIMARY KEY (agent_type, state)
            );
            COMMENT ON TABLE queue_loads IS
                'Open steps, at most some seconds old; new tasks count as ready steps of the type that they begin with.';

            ALTER TABLE workers ADD COLUMN circuits JSONB;
            COMMENT ON COLUMN workers.circuits IS
                'Models and providers that the worker does not call at present, each with its reason; null: none so far.';
            CREATE TABLE circuit_resets (
                reset_number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                provider VARCHAR(50),
                model VARCHAR(100),
                requested_at TIMESTAMPTZ NOT NULL DEFAULT now()
            );
            COMMENT ON TABLE circuit_resets IS
                'Operators'' wishes to close circuits at once; every worker reads them with its heartbeat. Kept for an hour.';

            ALTER TABLE agent_queues ADD COLUMN retired_at TIMESTAMPTZ;
            COMMENT ON COLUMN agent_queues.retired_at IS
                'When the type left the catalogue; its open steps fail a minute later, and the workflow goes another way.';
            """)
}
