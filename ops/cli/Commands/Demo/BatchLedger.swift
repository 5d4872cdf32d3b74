import FleetCore
import FleetStore
import PostgresClient

/// What a batch has taken, from the ledger.
struct BatchLedger: Sendable, Equatable {
    var subtasks: Int
    /// Calls to providers, failed ones included.
    var calls: Int
    var cost: CostSums

    static func read(_ batch: String, from pool: PostgresPool) async throws -> BatchLedger {
        try await pool.withSession { session in
            try session.execute(select, [.text(batch)]).one { row in
                BatchLedger(subtasks: try row("subtasks"), calls: try row("calls"), cost: try CostSums(&row))
            }
        }
    }

    private static let select = PostgresStatement(
        "batch_ledger",
        """
        WITH members AS (SELECT t.task_id FROM tasks t JOIN batches b USING (batch_id) WHERE b.name = $1)
        SELECT (SELECT count(*) FROM subtasks JOIN members USING (task_id)) AS subtasks,
               count(u.usage_id) AS calls,
               \(LedgerSQL.sums)
        FROM members LEFT JOIN ai_api_usage u USING (task_id)
        """)
}
