package import PostgresClient

/// What always holds between rows when nothing is under way.
package enum RestingRows {
    /// What the rows say although it is not so; a few of each kind.
    package static func lies(_ session: PostgresSession) throws -> [String] {
        var found: [String] = []
        for (lie, query) in queries {
            let rows = try session.execute(PostgresStatement("resting \(lie)", query))
            for row in try (rows.column() as [String]).prefix(3) { found.append("\(lie): \(row)") }
        }
        return found
    }

    private static let waiting =
        "subtasks u JOIN steps s ON s.step_id = u.current_step_id AND s.kind = 'subtask_execution'"

    private static let queries = [
        (
            "claimed, but not in progress or not started",
            "SELECT u.subtask_id FROM \(waiting) WHERE s.attempt > 0 AND (u.status <> 'in_progress' OR u.started_at IS NULL)"
        ),
        (
            "in progress without a claim",
            "SELECT u.subtask_id FROM \(waiting) WHERE s.attempt = 0 AND u.status NOT IN ('assigned', 'needs_revision')"
        ),
        (
            "in progress without a step",
            """
            SELECT subtask_id FROM subtasks
            WHERE (status IN ('assigned', 'in_progress', 'needs_revision')) <> (current_step_id IS NOT NULL)
            """
        ),
        (
            "open although the task has ended",
            """
            SELECT u.subtask_id || ' ' || u.status FROM subtasks u JOIN tasks t USING (task_id)
            WHERE u.status NOT IN ('completed', 'failed', 'cancelled') AND (
                t.workflow_state IN ('completed', 'failed', 'cancelled') OR u.plan_number <> t.plan_number)
            """
        ),
        (
            "cancelled although the task goes on",
            """
            SELECT u.subtask_id FROM subtasks u JOIN tasks t USING (task_id, plan_number)
            WHERE u.status = 'cancelled' AND t.workflow_state <> 'cancelled'
            """
        ),
        (
            "a finished task was cancelled",
            """
            SELECT task_id FROM tasks t WHERE status = 'cancelled'
                AND EXISTS (SELECT 1 FROM solutions s WHERE s.task_id = t.task_id AND s.solution_type = 'final')
            """
        ),
        (
            "status and state disagree",
            """
            SELECT task_id || ' ' || status || ' ' || workflow_state FROM tasks
            WHERE (status IN ('completed', 'partial_completion') AND workflow_state <> 'completed')
                OR (status = 'failed' AND workflow_state <> 'failed')
                OR (status IN ('completed', 'partial_completion', 'failed', 'cancelled')) <> (completed_at IS NOT NULL)
            """
        ),
        (
            "a checkpoint without a wish, or a wish without one",
            """
            SELECT t.task_id || ' ' || t.status FROM tasks t
            WHERE (t.checkpoint IS NOT NULL) <> (
                t.retry_requested OR t.status IN ('revision_pending', 'revision_in_progress')
                OR (t.status NOT IN ('completed', 'partial_completion', 'failed', 'cancelled')
                    AND EXISTS (SELECT 1 FROM interactions i WHERE i.task_id = t.task_id AND i.action = 'retry_started')))
            """
        ),
        (
            "a plan's number is not counted",
            """
            SELECT u.task_id FROM subtasks u JOIN tasks t USING (task_id) WHERE u.plan_number > t.last_plan_number
            """
        ),
        (
            "the stream has gaps",
            """
            SELECT t.task_id FROM tasks t LEFT JOIN events e USING (task_id) GROUP BY t.task_id
            HAVING count(e.seq) <> t.event_seq OR min(e.seq) <> 1 OR max(e.seq) <> t.event_seq
            """
        ),
    ]
}
