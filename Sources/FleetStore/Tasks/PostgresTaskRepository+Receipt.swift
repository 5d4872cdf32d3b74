package import FleetCore
import PostgresClient

extension PostgresTaskRepository {
    /// Reads task, steps and ledger in one round trip; throws `notFound`.
    package func receipt(of taskID: String, owner: String?) async throws -> TaskReceipt {
        try await run { pool in
            try await pool.withSession { session in
                let key = PostgresValue.text(taskID)
                let results = try session.pipeline([
                    (Statements.task, [key, Self.optional(owner)]), (ReceiptStatements.steps, [key]),
                    (ReceiptStatements.ledger, [key]),
                ])
                guard results[0].count == 1 else { throw Self.notFound(taskID) }
                return TaskReceipt(
                    task: try TaskRowReader(rows: results[0]).summary(0),
                    steps: try (0..<results[1].count).map { try ReceiptRowReader.step(results[1], $0) },
                    entries: try (0..<results[2].count).map { try ReceiptRowReader.entry(results[2], $0) })
            }
        }
    }

    private enum ReceiptStatements {
        static let steps = PostgresStatement(
            "receipt_steps",
            """
            SELECT s.step_id, s.kind, s.agent_type, s.state, s.subtask_id, u.plan_key, u.title, i.input::text,
                   v.metadata ->> 'verdict'
            FROM steps s LEFT JOIN step_inputs i USING (step_id) LEFT JOIN subtasks u ON u.subtask_id = s.subtask_id
            LEFT JOIN solutions v ON v.step_id = coalesce((i.input ->> 'subject')::int8, (i.input ->> 'rejected')::int8)
            WHERE s.task_id = $1 ORDER BY s.created_at, s.step_id
            """)

        static let ledger = PostgresStatement(
            "receipt_ledger",
            """
            SELECT step_id, attempt, call_number, timestamp, provider, model, outcome, http_status, duration_ms, purpose,
                   prompt_version, cuts::text, cost_basis, prompt_tokens, completion_tokens, estimated_input_tokens,
                   estimated_output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
                   (cost_usd * 1000000)::int8, (estimate_usd * 1000000)::int8, (hold_usd * 1000000)::int8, service_tier,
                   price_id, price_rates
            FROM ai_api_usage WHERE task_id = $1 ORDER BY step_id, attempt, call_number
            """)
    }
}

/// Reads the rows of a receipt.
private enum ReceiptRowReader {
    static func step(_ rows: PostgresRows, _ row: Int) throws -> ReceiptStep {
        ReceiptStep(
            id: try rows.int(row, 0), kind: try rows.text(row, 1), agentType: try rows.text(row, 2),
            state: try rows.text(row, 3), subtaskID: try rows.optionalText(row, 4),
            subtaskKey: try rows.optionalText(row, 5), subtaskTitle: try rows.optionalText(row, 6),
            input: try rows.optionalText(row, 7).map { StepInput(try TaskRowReader.json($0)) } ?? StepInput(),
            subjectVerdict: try rows.optionalText(row, 8))
    }

    static func entry(_ rows: PostgresRows, _ row: Int) throws -> LedgerEntry {
        LedgerEntry(
            stepID: try rows.int(row, 0), attempt: try rows.int(row, 1), number: try rows.int(row, 2),
            writtenAt: try rows.timestamptz(row, 3), provider: try rows.text(row, 4), model: try rows.text(row, 5),
            outcome: try rows.text(row, 6), httpStatus: try rows.optionalInt(row, 7),
            duration: try rows.optionalInt(row, 8).map { .milliseconds($0) }, purpose: try rows.text(row, 9),
            promptVersion: try rows.optionalText(row, 10),
            cuts: try rows.optionalText(row, 11).map(TaskRowReader.json), account: try account(rows, row))
    }

    private static func account(_ rows: PostgresRows, _ row: Int) throws -> CallAccount {
        func money(_ column: Int) throws -> Decimal6? {
            try rows.optionalInt(row, column).map { Decimal6(millionths: $0) }
        }
        var price: AppliedPrice?
        if let id = try rows.optionalText(row, 24), let rates = try rows.optionalText(row, 25) {
            price = AppliedPrice(id: id, rates: rates)
        }
        return CallAccount(
            basis: try TaskRowReader.known(rows.text(row, 12), "cost basis"),
            usage: try tokens(rows, row, input: 13, output: 14, reasoning: rows.optionalInt(row, 19)),
            estimate: try tokens(rows, row, input: 15, output: 16, reasoning: nil), cost: try money(20),
            expectedCost: try money(21), hold: try money(22), price: price,
            serviceTier: try rows.optionalText(row, 23))
    }

    private static func tokens(
        _ rows: PostgresRows, _ row: Int, input: Int, output: Int, reasoning: Int?
    ) throws -> TokenUsage? {
        guard let input = try rows.optionalInt(row, input), let output = try rows.optionalInt(row, output) else {
            return nil
        }
        let read = try rows.optionalInt(row, 17) ?? 0
        let written = try rows.optionalInt(row, 18) ?? 0
        return TokenUsage(
            uncachedInputTokens: input - read - written, cacheReadTokens: read, cacheWriteTokens: written,
            outputTokens: output, reasoningTokens: reasoning)
    }
}
