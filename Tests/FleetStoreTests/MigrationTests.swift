import FleetCore
import PostgresClient
import TestServers
import Testing

@testable import FleetStore

@Suite(.timeLimit(.minutes(1))) struct MigrationTests {
    /// Rows as the program before wrote them say what is once the statuses are migrated.
    @Test func oldRowsBecomeTrue() async throws {
        try await NewDatabase.run { _, pool in
            let before = Migration.all.prefix { $0.number < Migration.statuses.number }
            for migration in before { try await pool.run(migration.sql) }
            try await pool.run(
                """
                INSERT INTO agents (agent_id, agent_type, capabilities, model_config, role)
                SELECT a, a, '[]', '{}', a FROM unnest(ARRAY['manager', 'coordinator', 'analyst', 'specialist']) a;
                INSERT INTO tasks (task_id, user_id, title, description, status, workflow_state, current_stage, plan_number,
                                   analysis_step_id, synthesis_step_id)
                VALUES ('pending', 'u', 't', 'd', 'pending', 'pending', 'initialization', 0, NULL, NULL),
                       ('planned', 'u', 't', 'd', 'in_progress', 'task_decomposition', 'task_decomposition', 2, 1, NULL),
                       ('review', 'u', 't', 'd', 'manager_review', 'manager_final_review', 'manager_final_review', 1, 1, 2),
                       ('done', 'u', 't', 'd', 'completed', 'completed', 'completed', 1, 1, 2),
                       ('failed', 'u', 't', 'd', 'failed', 'failed', 'failed', 1, 1, NULL),
                       ('cancelled', 'u', 't', 'd', 'cancelled', 'cancelled', 'cancelled', 1, 1, NULL);
                INSERT INTO events (task_id, seq, type, payload)
                VALUES ('failed', 1, 'stage_transition', '{"from_stage": "pending", "to_stage": "task_analysis"}'),
                       ('failed', 2, 'stage_transition', '{"from_stage": "manager_review", "to_stage": "failed"}'),
                       ('cancelled', 1, 'stage_transition', '{"from_stage": "synthesis", "to_stage": "manager_final_review"}');
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
                VALUES (1, 'done', 'task_analysis', 'manager', 'succeeded', 2, 1),
                       (2, 'done', 'synthesis', 'analyst', 'succeeded', 2, 1),
                       (3, 'done', 'subtask_execution', 'specialist', 'succeeded', 2, 1);
                INSERT INTO subtasks (subtask_id, task_id, title, description, plan_number, ordinal, plan_key, status,
                                      acceptance_status, best_solution_step_id, best_score)
                VALUES ('s1', 'done', 't', 'd', 1, 0, 's1', 'completed', 'accepted', 3, 7.5),
                       ('s2', 'cancelled', 't', 'd', 1, 0, 's1', 'completed', 'accepted', 3, 8.5),
                       ('s3', 'cancelled', 't', 'd', 1, 1, 's2', 'in_progress', NULL, NULL, NULL);
                """)
            try await pool.run(Migration.statuses.sql)
            let tasks = try await pool.texts(
                "SELECT concat_ws(' ', task_id, current_stage, last_plan_number) FROM tasks ORDER BY task_id")
            #expect(
                tasks == [
                    "cancelled manager_review 1", "done completed 1", "failed manager_review 1",
                    "pending initialization 0", "planned specialist_selection 2", "review manager_review 1",
                ])
            let subtasks = try await pool.texts(
                "SELECT concat_ws(' ', subtask_id, status, completed_at IS NOT NULL) FROM subtasks ORDER BY subtask_id")
            #expect(subtasks == ["s1 completed f", "s2 completed f", "s3 cancelled t"])
            let tallies = try await pool.texts(
                "SELECT concat_ws(' ', agent_type, completed, ratings, rating_total) FROM agent_tallies ORDER BY 1")
            #expect(tallies == ["analyst 1 0 0", "manager 1 0 0", "specialist 2 2 16"])
        }
    }
}
