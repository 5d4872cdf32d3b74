import FleetCore
import JSON
import PostgresClient

extension TaskSummary {
    /// Reads ``PostgresTaskRepository/Statements/summaryColumns``.
    init(_ row: inout PostgresRow) throws {
        self.init(
            id: try row("task_id"), userID: try row("user_id"), title: try row("title"),
            status: try row.known("status"), priority: try row.known("priority"), progress: try row("progress"),
            stage: try row("current_stage"), workflowState: try row("workflow_state"), batch: try row("batch"),
            createdAt: try row.time("created_at"), updatedAt: try row.time("updated_at"),
            completedAt: try row.optionalTime("completed_at"),
            estimatedCompletion: try row.optionalTime("estimated_completion"),
            limitations: try row.strings("limitations"), failure: try row("failure"))
    }

    /// Of a row that has more than the summary.
    init(alone row: inout PostgresRow) throws {
        try self.init(&row)
        row.skipRest()
    }
}

extension SubtaskSummary {
    /// The dependencies, which are stored by key, become ids.
    static func all(_ rows: PostgresRows) throws -> [SubtaskSummary] {
        var idByKey: [String: String] = [:]
        var subtasks = try rows.map { row in
            let id: String = try row("subtask_id")
            idByKey[try row("plan_key")] = id
            return SubtaskSummary(
                id: id, title: try row("title"), specialist: try row("assigned_agent_id"),
                status: try row.known("status"), acceptance: try row.ifKnown("acceptance_status"),
                dependencies: try row("depends_on"), score: try row("best_score"), isPartial: try row("is_partial"),
                failure: try row("failure"))
        }
        for index in subtasks.indices {
            subtasks[index].dependencies = subtasks[index].dependencies.compactMap { idByKey[$0] }
        }
        return subtasks
    }
}

extension OpenStep {
    init(_ row: inout PostgresRow) throws {
        self.init(
            id: try row("step_id"), kind: try row.known("kind"), agentType: try row("agent_type"),
            subtaskID: try row("subtask_id"), state: try row.known("state"), attempt: try row("attempt"),
            waitReason: try row("wait_reason"), notBefore: try row.optionalTime("not_before"))
    }
}

extension TaskAnswer {
    init(_ row: inout PostgresRow) throws {
        self.init(
            content: try row("content"), metadata: try row.json("metadata") ?? [:], version: try row("version"),
            completedAt: try row.time("created_at"))
    }
}
