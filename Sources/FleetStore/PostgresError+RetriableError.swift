import FleetCore
package import PostgresClient

extension PostgresError: RetriableError {
    /// A value that PostgreSQL cannot hold, that a constraint forbids or that is beyond a limit of the program: SQLSTATE
    /// classes 22, 23 and 54, and what the client finds out before sending.
    package var isRefusal: Bool {
        if let sqlState { return ["22", "23", "54"].contains { sqlState.hasPrefix($0) } }
        return code == .invalidText || code == .decoding
    }
}
