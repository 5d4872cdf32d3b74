package import FleetCore
import JSON
package import PostgresClient

/// Results of batches on the rows.
package struct PostgresBatchResults: BatchResultSource {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Numbers what has ended first: a result is there as soon as its task has ended.
    package func results(of batch: String, after: Int, limit: Int) async throws -> BatchResultPage {
        try await pool.withSession { session in
            let id = PostgresValue.text(batch)
            // Asked before the results are read: what is open then may have ended before they are.
            let isOpen: Bool = try session.execute(Statements.isOpen, [id]).only()
            try session.retryingConflicts { try ResultNumbers.giveAll(of: batch, in: $0) }
            let results = try session.execute(Statements.page, [id, .int8(after), .int8(limit)]).map {
                try BatchResult(&$0)
            }
            let isLast: Bool =
                try !isOpen && results.count < limit && !session.execute(Statements.isUnnumbered, [id]).only()
            return BatchResultPage(results: results, isComplete: isLast)
        }
    }

    private enum Statements {
        static let isOpen = PostgresStatement(
            "batch_is_open",
            "SELECT EXISTS (SELECT FROM tasks t WHERE t.batch_id = $1 AND \(BatchStatements.isAtWork))")

        /// Somebody has held its row while results were numbered.
        static let isUnnumbered = PostgresStatement(
            "batch_is_unnumbered",
            """
            SELECT EXISTS (SELECT FROM tasks t
                WHERE t.batch_id = $1 AND t.result_number IS NULL AND \(BatchStatements.hasEnded))
            """)

        static let page = PostgresStatement(
            "batch_results",
            """
            SELECT t.result_number, t.custom_id, t.task_id, t.status, t.completed_at, t.limitations::text, t.failure,
                   (SELECT (coalesce(sum(coalesce(u.cost_usd, u.estimate_usd)), 0) * 1000000)::int8
                    FROM ai_api_usage u WHERE u.task_id = t.task_id) AS cost,
                   s.content IS NOT NULL AS has_answer, s.content, s.metadata::text, s.version, s.created_at
            FROM tasks t LEFT JOIN LATERAL (
                SELECT content, metadata, version, created_at FROM solutions
                WHERE task_id = t.task_id AND solution_type = 'final' ORDER BY created_at DESC, version DESC LIMIT 1) s ON TRUE
            WHERE t.batch_id = $1 AND t.result_number > $2 ORDER BY t.result_number LIMIT $3
            """)
    }
}

extension BatchResult {
    fileprivate init(_ row: inout PostgresRow) throws {
        self.init(
            number: try row("result_number"), customID: try row("custom_id"), taskID: try row("task_id"),
            status: try row.known("status"), completedAt: try row.optionalTime("completed_at"),
            limitations: try row.strings("limitations"), failure: try row("failure"),
            cost: try row.money("cost") ?? .zero, answer: nil)
        if try row("has_answer") { answer = try TaskAnswer(&row) } else { row.skipRest() }
    }
}
