import FleetCore
import PostgresClient

/// Pieces of SQL about the ledger that several statements have in common.
enum LedgerSQL {
    /// The three sums of ``FleetCore/CostSums`` over rows `u` of the ledger, in micro-dollars: `proved`, `expected`,
    /// `at_most`. A cost is there only if it is proved; else the estimate stands for it, or the bound.
    static let sums = """
        (coalesce(sum(u.cost_usd), 0) * 1000000)::int8 AS proved,
        (coalesce(sum(coalesce(u.cost_usd, u.estimate_usd)), 0) * 1000000)::int8 AS expected,
        (coalesce(sum(coalesce(u.cost_usd, u.hold_usd, u.estimate_usd)), 0) * 1000000)::int8 AS at_most
        """

    /// Rows of the ledger that the median looks back to: those of the newest steps, whose ids rise.
    static let lookBack = 1000

    /// Two common table expressions, `usual` and `ledger`, that write a row `lost` for attempts that were taken over:
    /// a call of theirs may have been sent. Expected is what a call of the kind has cost as a rule, of late; at most it
    /// is what an attempt of the agent may cost. Only with such an attempt is anything looked up at all.
    ///
    /// - Parameters:
    ///   - attempts: rows with `step_id`, `task_id`, `kind` and `agent_type`.
    ///   - attempt: the column with the number of the attempt that was lost.
    static func lost(_ attempts: String, attempt: String) -> String {
        """
        usual AS MATERIALIZED (
            SELECT r.kind, percentile_disc(0.5) WITHIN GROUP (ORDER BY r.cost_usd) AS cost
            FROM (SELECT kind, cost_usd, cost_basis FROM ai_api_usage ORDER BY step_id DESC LIMIT \(lookBack)) r
            WHERE r.cost_basis = 'reported' GROUP BY r.kind),
        ledger AS (
            INSERT INTO ai_api_usage (step_id, attempt, call_number, task_id, agent_id, kind, provider, model, outcome,
                                      cost_basis, estimate_usd, hold_usd)
            SELECT l.step_id, l.\(attempt), 0, l.task_id, l.agent_type, l.kind, 'unknown', 'unknown', 'lost', 'ambiguous',
                   (SELECT u.cost FROM usual u WHERE u.kind = l.kind),
                   (SELECT (a.attempt_bounds ->> l.kind)::numeric / 1000000 FROM agents a WHERE a.agent_id = l.agent_type)
            FROM (SELECT * FROM \(attempts)) l
            ON CONFLICT DO NOTHING)
        """
    }
}

extension CostSums {
    /// Reads what ``LedgerSQL/sums`` has selected.
    init(_ row: inout PostgresRow) throws(PostgresError) {
        self.init(
            proved: Decimal6(millionths: try row("proved")), expected: Decimal6(millionths: try row("expected")),
            atMost: Decimal6(millionths: try row("at_most")))
    }
}
