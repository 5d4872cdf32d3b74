import FleetCore
import PostgresClient

extension DeadLetter {
    /// The columns of ``DeadLetterStatements/columns``.
    init(_ row: inout PostgresRow) throws {
        self.init(
            id: try row("dead_letter_id"), fingerprint: try row("fingerprint"), reason: try row("reason"),
            errorCode: try row("error_code"), error: try row("error"), agentType: try row("agent_type"),
            kind: try row("kind"), taskID: try row("task_id"), subtaskID: try row("subtask_id"),
            stepID: try row("step_id"), attempt: try row("attempt"), model: try row("model"),
            promptVersion: try row("prompt_version"), payload: try row("payload"), deaths: try row("deaths"),
            replays: try row("replays"), operationID: try row("operation_id"),
            replayState: try row.ifKnown("replay_state"), replayNote: try row("replay_note"),
            createdAt: try row.time("created_at"), resolvedAt: try row.optionalTime("resolved_at"),
            resolution: try row("resolution"))
    }
}

extension DeadLetterGroup {
    /// A row of ``DeadLetterStatements/groups``.
    init(_ row: inout PostgresRow) throws {
        self.init(
            fingerprint: try row("fingerprint"), count: try row("letters"), tasks: try row("tasks"),
            replaying: try row("replaying"), errorCode: try row("error_code"), agentType: try row("agent_type"),
            kind: try row("kind"), model: try row("model"), promptVersion: try row("prompt_version"),
            first: try row.time("first"), last: try row.time("last"), example: try row("example"),
            error: try row("error"))
    }
}

extension DeadLetter.Failure {
    init(_ row: inout PostgresRow) throws {
        self.init(
            attempt: try row("attempt"), at: try row.time("at"), worker: try row("worker"), error: try row("error"))
    }
}

extension DeadLetter.Call {
    init(_ row: inout PostgresRow) throws {
        self.init(
            attempt: try row("attempt"), at: try row.time("at"), provider: try row("provider"), model: try row("model"),
            outcome: try row("outcome"), httpStatus: try row("http_status"), requestID: try row("provider_request_id"),
            inputTokens: try row("input"), outputTokens: try row("output"), cost: try row.money("cost"),
            isEstimate: try row("is_estimate"))
    }
}
