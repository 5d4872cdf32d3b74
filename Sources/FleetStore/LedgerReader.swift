public import FleetCore
public import PostgresClient

/// Reads from the ledger what a set of rate-limit buckets has given out in the last minute.
public struct LedgerReader: Sendable {
    private let pool: PostgresPool
    private let models: [ModelSpec]

    /// - Parameter models: of the catalogue; a bucket set covers those of one provider and class.
    public init(pool: PostgresPool, models: [ModelSpec]) {
        self.pool = pool
        self.models = models
    }

    /// The calls of the last 61 s, and whether others may be under way: steps that have been running for more than a
    /// moment, or calls that were made just now.
    public func recentUse(of key: RateLimitKey) async throws -> RecentUse {
        let names = models.filter { $0.provider == key.provider && $0.limitClass == key.limitClass }.map(\.name)
        return try await pool.withSession { session in
            let results = try session.pipeline([
                (Self.calls, [.text(key.provider), .textArray(names)]), (Self.underWay, []),
            ])
            let calls = try (0..<results[0].count).map { row in
                RecentUse.Call(
                    age: .milliseconds(try results[0].int(row, 0)),
                    usage: TokenUsage(
                        inputTokens: try results[0].int(row, 1), outputTokens: try results[0].int(row, 2)))
            }
            return RecentUse(
                calls: calls, mayHaveCallsInFlight: try !calls.isEmpty || results[1].bool(0, 0))
        }
    }

    /// A call counts from its start, which is when the provider counted it.
    private static let calls = PostgresStatement(
        "recent_calls",
        """
        SELECT greatest(0, (extract(epoch FROM now() - timestamp) * 1000)::int8 + coalesce(duration_ms, 0)), prompt_tokens,
               completion_tokens
        FROM ai_api_usage WHERE provider = $1 AND model = ANY($2) AND timestamp > now() - interval '61 seconds'
        """)

    private static let underWay = PostgresStatement(
        "calls_under_way",
        """
        SELECT EXISTS (SELECT 1 FROM steps WHERE state = 'running' AND started_at < now() - interval '1 second')
        """)
}
