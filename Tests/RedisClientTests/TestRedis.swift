import RedisClient
import TestServers

/// The server the suites run against, from TEST_REDIS_URL.
enum TestRedis {
    /// Runs `body` with a client of its own and shuts the client down.
    static func withClient<Result: Sendable>(
        url: String? = nil, _ change: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        var configuration = try RedisConfiguration(url: url ?? TestServer.redis.url())
        change(&configuration)
        return try await withResource(
            RedisClient(configuration: configuration), close: { await $0.shutdown() }, body: body)
    }
}

extension RedisClient {
    /// Asks until the server is found again: between two attempts to connect, commands fail at once.
    func findServerAgain() async throws {
        try await askUntil { (try? await self.command(["PING"])) != nil }
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
