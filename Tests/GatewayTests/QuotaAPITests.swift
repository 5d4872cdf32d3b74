import FleetCore
import Gateway
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct QuotaAPITests {
    @Test func requestsBeyondTheQuotaAreRefusedAsSpecified() async throws {
        try await GatewayServer.run(quota: TwoPerUser()) { server in
            let first = try await server.send("GET", "/api/v1/tasks", key: GatewayServer.userKey)
            #expect(first.status == 200)
            #expect(first.headers["x-ratelimit-limit"] == "2")
            #expect(first.headers["x-ratelimit-remaining"] == "1")
            #expect(first.headers["x-ratelimit-reset"] == "1700000000")
            _ = try await server.newTask(key: GatewayServer.userKey)

            let refused = try await server.send("POST", "/api/v1/tasks", TaskBody.valid, key: GatewayServer.userKey)
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "300")
            #expect(refused.headers["x-ratelimit-remaining"] == "0")
            let json = try refused.json
            #expect(json["error"]?.string == "RateLimitExceeded")
            #expect(json["limit"]?.int == 2)
            #expect(json["current"]?.int == 3)
            #expect(json["reset_at"]?.string == "2023-11-14T22:13:20Z")
            #expect(json["retry_after"]?.int == 300)
            #expect(try await server.count("tasks") == 1)

            let admin = try await server.send("GET", "/api/v1/tasks")
            #expect(admin.status == 200)
            #expect(admin.headers["x-ratelimit-limit"] == nil)
        }
    }
}

private final class TwoPerUser: RequestQuota {
    private let counts = Mutex<[String: Int]>([:])

    func admit(_ key: APIKey) async -> QuotaState? {
        guard let user = key.userID else { return nil }
        let count = counts.withLock { counts in
            counts[user, default: 0] += 1
            return counts[user, default: 0]
        }
        return QuotaState(limit: 2, current: count, resetAt: 1_700_000_000, retryAfter: 300)
    }
}
