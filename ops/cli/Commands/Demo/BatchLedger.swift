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
            let rows = try session.execute(select, [.text(batch)])
            return BatchLedger(
                subtasks: try rows.int(0, 0), calls: try rows.int(0, 1), cost: try LedgerSQL.sums(rows, 0, 2))
        }
    }

    private static let select = PostgresStatement(
        "batch_ledger",
        """
        WITH members AS (SELECT t.task_id FROM tasks t JOIN batches b USING (batch_id) WHERE b.name = $1)
        SELECT (SELECT count(*) FROM subtasks JOIN members USING (task_id)), count(u.usage_id),
               \(LedgerSQL.sums)
        FROM members LEFT JOIN ai_api_usage u USING (task_id)
        """)
}
