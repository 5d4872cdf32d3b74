extension Migration {
    /// What the workflow has to know so that each prompt gets the reviews that it builds on.
    static let inputs = Migration(
        number: 5, name: "inputs",
        sql: """
            ALTER TABLE tasks ADD COLUMN final_review_step_id BIGINT;
            ALTER TABLE subtasks ADD COLUMN best_review_step_id BIGINT,
                ADD COLUMN review_step_ids BIGINT[] NOT NULL DEFAULT '{}',
                ADD COLUMN is_shortened BOOLEAN NOT NULL DEFAULT FALSE;
            """)
}
