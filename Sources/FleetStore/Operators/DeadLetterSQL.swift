/// How dead letters are written: with what the step was, what it was given and what it asked last.
enum DeadLetterSQL {
    /// The calls of a step that are in the ledger.
    static let ledger = """
        SELECT provider, model, prompt_version FROM ai_api_usage u
        WHERE u.step_id = d.step_id AND u.outcome NOT IN ('lost', 'resolved')
        ORDER BY u.attempt DESC, u.call_number DESC LIMIT 1
        """

    /// An INSERT of a letter per row of `source`, which has the columns of `steps` that the letter names.
    ///
    /// - Parameters:
    ///   - reason: an expression over `d`, the source.
    ///   - lastCall: a query for the last call of step `d`: provider, model, prompt_version.
    static func insert(from source: String, reason: String, lastCall: String = ledger) -> String {
        """
        INSERT INTO dead_letters (step_id, task_id, subtask_id, kind, agent_type, reason, error, error_code, attempt, payload,
                                  provider, model, prompt_version)
        SELECT d.step_id, d.task_id, d.subtask_id, d.kind, d.agent_type, \(reason), d.error,
               \(code(of: "d.error", else: reason)), d.attempt, jsonb_or_text(i.input), c.provider, c.model, c.prompt_version
        FROM \(source) LEFT JOIN step_inputs i ON i.step_id = d.step_id LEFT JOIN LATERAL (
            \(lastCall)) c ON TRUE
        """
    }

    /// An expression: the code that an error begins with, `invalid_answer` of `invalid_answer: no JSON` and `refused` of
    /// `refused (HTTP 400): …`.
    static func code(of error: String, else reason: String) -> String {
        "coalesce(substring(\(error) FROM '^([a-z][a-z0-9_]{2,59})(?: \\(HTTP [0-9]{3}\\))?:'), \(reason))"
    }
}
