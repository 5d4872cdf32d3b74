public import FleetCore
public import PostgresClient

extension PostgresError: RetriableError {
    /// A value that PostgreSQL cannot hold, or that a constraint forbids: SQLSTATE classes 22 and 23, and what the
    /// client finds out before sending.
    public var isRefusal: Bool {
        if let sqlState { return sqlState.hasPrefix("22") || sqlState.hasPrefix("23") }
        return code == .invalidText || code == .decoding
    }
}
