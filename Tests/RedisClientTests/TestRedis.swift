import Foundation
import RedisClient
import Testing

/// The server the suites run against, from TEST_REDIS_URL.
enum TestRedis {
    /// The server's URL; without it the test fails.
    static func url() throws -> String {
        try #require(
            ProcessInfo.processInfo.environment["TEST_REDIS_URL"],
            "set TEST_REDIS_URL to a Redis server, for example redis://127.0.0.1:6379/0")
    }

    /// Runs `body` with a client of its own and shuts the client down.
    static func withClient<Result: Sendable>(
        url: String? = nil, _ change: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        var configuration = try RedisConfiguration(url: url ?? self.url())
        change(&configuration)
        let client = RedisClient(configuration: configuration)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// Runs `body` and returns the RedisError it throws.
func failure(_ body: () async throws -> Void) async throws -> RedisError {
    do {
        try await body()
    } catch let error as RedisError {
        return error
    }
    throw NoFailure()
}

struct NoFailure: Error {}
