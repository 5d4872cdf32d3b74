import FleetSimulation
import PostgresClient
import Testing

extension FleetFixture {
    /// The rows say the same as the simulated ones.
    func expectTheRows(of simulated: SimulatedDatabase) async throws {
        #expect(try await taskLines() == simulated.taskLines)
        #expect(try await subtaskLines() == simulated.subtaskLines)
        #expect(try await stepLines() == simulated.stepLines)
        let revisions = try await pool.texts(
            "SELECT concat_ws(' ', revision_id, status, coalesce(scope, '-'), priority) FROM revisions")
        #expect(revisions.sorted() == simulated.revisionLines)
    }

    /// As `SimulatedDatabase.taskLines`.
    func taskLines() async throws -> [String] {
        try await pool.texts(
            """
            SELECT concat_ws(' ', task_id, status, workflow_state, current_stage, progress, event_seq, cancel_epoch,
                             plan_number, last_plan_number, answer_version,
                             coalesce(jsonb_array_length(limitations), 0), coalesce(active_revision_id, '-'),
                             coalesce(checkpoint ->> 'status', '-')) FROM tasks
            """
        ).sorted()
    }

    /// As `SimulatedDatabase.subtaskLines`.
    func subtaskLines() async throws -> [String] {
        try await pool.texts(
            """
            SELECT concat_ws(' ', subtask_id, assigned_agent_id, status, coalesce(acceptance_status, '-'), version, cycle,
                             CASE WHEN is_partial THEN 'partial' ELSE '-' END,
                             CASE WHEN current_step_id IS NULL THEN '-' ELSE 'open' END,
                             CASE WHEN started_at IS NULL THEN '-' ELSE 'started' END) FROM subtasks
            """
        ).sorted()
    }

    /// As `SimulatedDatabase.stepLines`.
    func stepLines() async throws -> [String] {
        try await pool.texts(
            """
            SELECT concat_ws(' ', task_id, coalesce(subtask_id, '-'), kind, state, priority, attempt, failures, throttles,
                             crashes, coalesce(wait_reason, '-')) FROM steps
            """
        ).sorted()
    }
}
