import FleetCore
import PostgresClient

extension LimitSetting {
    /// The columns that the row is read from.
    static let columns = """
        provider, limit_class, requests_per_minute, tokens_per_minute, input_tokens_per_minute,
        output_tokens_per_minute, concurrency
        """

    init(_ row: inout PostgresRow) throws {
        self.init(
            provider: try row("provider"), limitClass: try row("limit_class"),
            limits: RateLimits(
                requests: try row("requests_per_minute"), tokens: try row("tokens_per_minute"),
                inputTokens: try row("input_tokens_per_minute"), outputTokens: try row("output_tokens_per_minute"),
                concurrency: try row("concurrency")))
    }
}
