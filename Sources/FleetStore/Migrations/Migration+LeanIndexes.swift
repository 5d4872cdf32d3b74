extension Migration {
    /// Fewer index entries per change of state: what no query asks for, or what a change of state would have to rewrite
    /// every index for, goes.
    ///
    /// PostgreSQL leaves all indexes alone if an update touches no indexed column and finds room on the row's page.
    /// Subtasks and solutions are looked for by their task, not by state; timestamps that only reports read come in
    /// order, which is what BRIN is for. Agents are types of the catalogue, a few values in millions of rows.
    ///
    /// Solutions are written once and judged once: kept in the row as long as they are short, they need neither
    /// compression nor a second table.
    static let leanIndexes = Migration(
        number: 2, name: "lean indexes",
        sql: """
            DROP INDEX idx_subtasks_status;
            DROP INDEX idx_solutions_accepted;
            DROP INDEX idx_solutions_type;
            DROP INDEX idx_solutions_agent;
            DROP INDEX idx_tasks_priority;
            DROP INDEX idx_tasks_open;
            CREATE INDEX idx_tasks_open ON tasks (task_id)
                WHERE workflow_state NOT IN ('completed', 'failed', 'cancelled') OR active_revision_id IS NOT NULL;
            DROP INDEX idx_interactions_type;
            DROP INDEX idx_interactions_agent;
            DROP INDEX idx_interactions_timestamp;
            CREATE INDEX idx_interactions_timestamp ON interactions USING brin (timestamp);
            DROP INDEX idx_ai_api_usage_agent;
            DROP INDEX idx_ai_api_usage_timestamp;
            CREATE INDEX idx_ai_api_usage_timestamp ON ai_api_usage USING brin (timestamp);
            ALTER TABLE solutions RESET (toast_tuple_target);
            ALTER TABLE solutions SET (fillfactor = 75);
            ALTER TABLE tasks SET (fillfactor = 70);
            ALTER TABLE subtasks SET (fillfactor = 60);
            """)
}
