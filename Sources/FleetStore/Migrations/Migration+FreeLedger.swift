extension Migration {
    /// The ledger and the interactions are history: what was paid stays explained when its task or agent is gone, so a
    /// deletion must not take the name away (the specification's `ON DELETE SET NULL` would). Every row is written from
    /// its step's row in the same statement, which leaves nothing for a check per row to find; each such check costs a
    /// lookup, and a lock on the task's or agent's row that all workers' transactions share.
    static let freeLedger = Migration(
        number: 3, name: "free ledger",
        sql: """
            ALTER TABLE ai_api_usage DROP CONSTRAINT ai_api_usage_task_id_fkey;
            ALTER TABLE ai_api_usage DROP CONSTRAINT ai_api_usage_agent_id_fkey;
            ALTER TABLE interactions DROP CONSTRAINT interactions_agent_id_fkey;
            """)
}
