extension Migration {
    /// The sweep looks for finished tasks whose owner wants something more: a handful at any time.
    static let wishes = Migration(
        number: 4, name: "wishes",
        sql: """
            CREATE INDEX idx_tasks_wishes ON tasks (task_id) WHERE status = 'revision_pending' OR retry_requested;
            """)
}
