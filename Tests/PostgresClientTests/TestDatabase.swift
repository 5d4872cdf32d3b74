import PostgresClient
import TestServers

/// The database the suites run against, from TEST_DATABASE_URL.
enum TestDatabase {
    /// Runs `body` with a pool of its own and shuts the pool down.
    static func withPool<Result: Sendable>(
        url: String? = nil, _ change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        var configuration = try PostgresConfiguration(url: url ?? TestServer.database.url())
        change(&configuration)
        return try await TestServers.withPool(configuration, body)
    }
}

/// Runs `body` and returns the PostgresError it throws.
func failure(_ body: () async throws -> Void) async throws -> PostgresError {
    do {
        try await body()
    } catch let error as PostgresError {
        return error
    }
    throw NoFailure()
}

struct NoFailure: Error {}
