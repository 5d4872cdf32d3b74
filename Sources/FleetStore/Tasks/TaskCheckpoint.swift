import FleetCore

/// What a finished task goes back to if what its owner asked for afterwards is cancelled: `tasks.checkpoint`.
///
/// It is taken when the owner asks, while the task is at rest, and holds the columns that a run of the workflow changes,
/// of the task and of the subtasks of its plan. Both directions are made from the same two lists.
struct TaskCheckpoint: Sendable {
    /// What the owner will see again.
    var status: TaskStatus
    var state: WorkflowState
    var progress: Int

    private static let taskColumns = [
        "status", "workflow_state", "current_stage", "progress", "estimated_completion", "completed_at", "failure",
        "limitations", "analysis", "selection", "plan_number", "plan_repairs", "final_revisions", "analysis_step_id",
        "coordination_step_id", "synthesis_step_id", "answer_version", "final_review_step_id",
    ]

    private static let subtaskColumns = [
        "assigned_agent_id", "status", "acceptance_status", "manager_feedback", "result", "result_metadata",
        "is_partial", "cycle", "version", "latest_solution_step_id", "best_solution_step_id", "best_score",
        "review_step_id", "tried_agents", "failure", "started_at", "completed_at", "best_review_step_id",
        "review_step_ids", "is_shortened",
    ]

    /// An SQL expression: the checkpoint of the row `t` of `tasks` as it is before the statement.
    static let taken = """
        jsonb_build_object(\(members(taskColumns, of: "t")), 'subtasks', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(\(members(["subtask_id"] + subtaskColumns, of: "s")))), '[]')
            FROM subtasks s WHERE s.task_id = t.task_id AND s.plan_number = t.plan_number))
        """

    /// Assignments of an UPDATE of the row `t` of `tasks`.
    static let restoredTask = """
        (\(list(taskColumns))) = (SELECT \(list(taskColumns)) FROM jsonb_populate_record(NULL::tasks, t.checkpoint))
        """

    /// Assignments of an UPDATE of the row `s` of `subtasks` from the row `c` of ``savedSubtasks``.
    static let restoredSubtask = subtaskColumns.map { "\($0) = c.\($0)" }.joined(separator: ", ")

    /// The subtasks in the checkpoint of the row `t` of `tasks`, as rows of a FROM clause.
    static let savedSubtasks = "jsonb_populate_recordset(NULL::subtasks, t.checkpoint -> 'subtasks')"

    private static func members(_ columns: [String], of row: String) -> String {
        columns.map { "'\($0)', \(row).\($0)" }.joined(separator: ", ")
    }

    private static func list(_ columns: [String]) -> String { columns.joined(separator: ", ") }
}
