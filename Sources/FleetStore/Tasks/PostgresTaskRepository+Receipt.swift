package import FleetCore
import PostgresClient

extension PostgresTaskRepository {
    /// Reads task, steps and ledger in one round trip; throws `notFound`.
    package func receipt(of taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskReceipt {
        try await read { session in
            let key = PostgresValue.text(taskID)
            let results = try session.pipeline([
                (Statements.task, [key, Self.optional(owner)]), (ReceiptStatements.steps, [key]),
                (ReceiptStatements.ledger, [key]),
            ])
            guard let task = try results[0].first({ try TaskSummary(alone: &$0) }) else {
                throw Self.notFound(taskID)
            }
            return TaskReceipt(
                task: task, steps: try results[1].map { try ReceiptStep(&$0) },
                entries: try results[2].map { try LedgerEntry(&$0) })
        }
    }

    private enum ReceiptStatements {
        static let steps = PostgresStatement(
            "receipt_steps",
            """
            SELECT s.step_id, s.kind, s.agent_type, s.state, s.subtask_id, u.plan_key, u.title, i.input,
                   v.metadata ->> 'verdict' AS verdict
            FROM steps s LEFT JOIN step_inputs i USING (step_id) LEFT JOIN subtasks u ON u.subtask_id = s.subtask_id
            CROSS JOIN LATERAL (SELECT jsonb_or_text(i.input) AS parsed OFFSET 0) j
            LEFT JOIN solutions v ON v.step_id = coalesce(
                (j.parsed ->> 'subject')::int8, (j.parsed ->> 'rejected')::int8)
            WHERE s.task_id = $1 ORDER BY s.created_at, s.step_id
            """)

        static let ledger = PostgresStatement(
            "receipt_ledger",
            """
            SELECT step_id, attempt, call_number, timestamp, provider, model, outcome, http_status, duration_ms, purpose,
                   prompt_version, cuts::text, cost_basis, prompt_tokens, completion_tokens, estimated_input_tokens,
                   estimated_output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
                   (cost_usd * 1000000)::int8 AS cost, (estimate_usd * 1000000)::int8 AS estimate,
                   (hold_usd * 1000000)::int8 AS hold, service_tier, price_id, price_rates
            FROM ai_api_usage WHERE task_id = $1 ORDER BY step_id, attempt, call_number
            """)
    }
}

extension ReceiptStep {
    fileprivate init(_ row: inout PostgresRow) throws {
        self.init(
            id: try row("step_id"), kind: try row("kind"), agentType: try row("agent_type"), state: try row("state"),
            subtaskID: try row("subtask_id"), subtaskKey: try row("plan_key"), subtaskTitle: try row("title"),
            input: try row.json("input").map(StepInput.init) ?? StepInput(), subjectVerdict: try row("verdict"))
    }
}

extension LedgerEntry {
    fileprivate init(_ row: inout PostgresRow) throws {
        self.init(
            stepID: try row("step_id"), attempt: try row("attempt"), number: try row("call_number"),
            writtenAt: try row.time("timestamp"), provider: try row("provider"), model: try row("model"),
            outcome: try row("outcome"), httpStatus: try row("http_status"),
            duration: (try row("duration_ms") as Int?).map { .milliseconds($0) }, purpose: try row("purpose"),
            promptVersion: try row("prompt_version"), cuts: try row.json("cuts"), account: try CallAccount(&row))
    }
}

extension CallAccount {
    fileprivate init(_ row: inout PostgresRow) throws {
        let (read, written): (Int?, Int?) = (try row("cache_read_tokens"), try row("cache_write_tokens"))
        func tokens(input: Int?, output: Int?, reasoning: Int?) -> TokenUsage? {
            guard let input, let output else { return nil }
            return TokenUsage(
                uncachedInputTokens: input - (read ?? 0) - (written ?? 0), cacheReadTokens: read ?? 0,
                cacheWriteTokens: written ?? 0, outputTokens: output, reasoningTokens: reasoning)
        }
        let (priceID, rates): (String?, String?) = (try row("price_id"), try row("price_rates"))
        var price: AppliedPrice?
        if let priceID, let rates { price = AppliedPrice(id: priceID, rates: rates) }
        self.init(
            basis: try row.known("cost_basis"),
            usage: tokens(
                input: try row("prompt_tokens"), output: try row("completion_tokens"),
                reasoning: try row("reasoning_tokens")),
            estimate: tokens(
                input: try row("estimated_input_tokens"), output: try row("estimated_output_tokens"), reasoning: nil),
            cost: try row.money("cost"), expectedCost: try row.money("estimate"), hold: try row.money("hold"),
            price: price, serviceTier: try row("service_tier"))
    }
}
