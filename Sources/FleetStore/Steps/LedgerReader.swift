package import FleetCore
package import PostgresClient

/// Reads from the ledger what a set of rate-limit buckets has given out in the last minute.
package struct LedgerReader: Sendable {
    private let pool: PostgresPool
    private let models: [ModelSpec]

    /// - Parameter models: of the catalogue; a bucket set covers those of one provider and class.
    package init(pool: PostgresPool, models: [ModelSpec]) {
        self.pool = pool
        self.models = models
    }

    /// The calls of the last 61 s, and whether others may be under way: steps that have been running for more than a
    /// moment, or calls that were made just now.
    package func recentUse(of key: RateLimitKey) async throws -> RecentUse {
        let names = models.filter { $0.provider == key.provider && $0.limitClass == key.limitClass }.map(\.name)
        return try await pool.withSession { session in
            let results = try session.pipeline([
                (Self.calls, [.text(key.provider), .textArray(names)]), (Self.underWay, []),
            ])
            let calls = try results[0].map { row in
                RecentUse.Call(
                    age: .milliseconds(try row("age") as Int),
                    usage: TokenUsage(uncachedInputTokens: try row("input"), outputTokens: try row("output")),
                    holder: try row("holder"))
            }
            return RecentUse(calls: calls, mayHaveCallsInFlight: try !calls.isEmpty || results[1].only())
        }
    }

    /// A call counts from its start, which is when the provider counted it, and as the limiter counted it: by the
    /// reported usage, else by the estimate beside it. Of an attempt that was lost, or that a silent worker holds,
    /// nobody knows whom it called, nor whether it asked twice (an answer may need one repair): it counts everywhere
    /// and twice, as large as calls usually are. One that was lost and has booked its calls later is `resolved`. Silent
    /// is who missed a heartbeat: whoever died before the limiter's grace began has by its end.
    private static let calls = PostgresStatement(
        "recent_calls",
        """
        WITH recent AS (
            SELECT greatest(0, (extract(epoch FROM now() - timestamp) * 1000)::int8 + coalesce(duration_ms, 0)) AS age,
                   coalesce(prompt_tokens, estimated_input_tokens, 0) AS input,
                   coalesce(completion_tokens, estimated_output_tokens, 0) AS output,
                   'step-' || step_id || '-' || attempt || '-' || call_number AS holder
            FROM ai_api_usage WHERE provider = $1 AND model = ANY($2) AND timestamp > now() - interval '61 seconds'),
        usual AS (
            SELECT coalesce(avg(input) FILTER (WHERE input > 0), 2000)::int4 AS input,
                   coalesce(avg(output) FILTER (WHERE output > 0), 1000)::int4 AS output
            FROM recent),
        unknown AS (
            SELECT step_id, attempt FROM ai_api_usage
            WHERE outcome = 'lost' AND timestamp > now() - interval '61 seconds'
            UNION
            SELECT s.step_id, s.attempt FROM steps s JOIN workers w USING (worker_id)
            WHERE s.state = 'running' AND NOT \(StepSQL.isUncalled) AND w.heartbeat_at < now() - interval '500 milliseconds')
        SELECT age, input, output, holder FROM recent
        UNION ALL
        SELECT 0, u.input, u.output, 'step-' || n.step_id || '-' || n.attempt || '-' || c.number
        FROM unknown n, usual u, generate_series(1, 2) AS c (number)
        """)

    private static let underWay = PostgresStatement(
        "calls_under_way",
        """
        SELECT EXISTS (SELECT 1 FROM steps WHERE state = 'running' AND started_at < now() - interval '1 second')
        """)
}
