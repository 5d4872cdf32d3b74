import Foundation
import PostgresClient
import Testing

/// The database the suites run against, from TEST_DATABASE_URL.
enum TestDatabase {
    /// The server's URL; without it the test fails.
    static func url() throws -> String {
        try #require(
            ProcessInfo.processInfo.environment["TEST_DATABASE_URL"],
            "set TEST_DATABASE_URL to a PostgreSQL server, for example postgres://postgres@127.0.0.1:5432/postgres")
    }

    /// Runs `body` with a pool of its own and shuts the pool down.
    static func withPool<Result: Sendable>(
        url: String? = nil, _ change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        var configuration = try PostgresConfiguration(url: url ?? self.url())
        change(&configuration)
        let pool = PostgresPool(configuration: configuration)
        do {
            let result = try await body(pool)
            await pool.shutdown()
            return result
        } catch {
            await pool.shutdown()
            throw error
        }
    }
}

extension PostgresPool {
    /// Runs a text without parameters.
    func run(_ sql: String) async throws {
        try await withSession { try $0.executeSimple(sql) }
    }

    /// Returns the first row's first column as an integer.
    func integer(_ sql: String, _ parameters: [PostgresValue] = []) async throws -> Int {
        try await withSession { session in
            try session.execute(PostgresStatement("test \(sql)", sql), parameters).int(0, 0)
        }
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
