import FleetCore
import RedisClient

/// Takes what many callers ask to Redis, one script run per bucket set, and brings each its answer.
struct LimiterExchange: Sendable {
    let redis: any ScriptingRedis
    let limits: LimitTable
    let recentUse: @Sendable (RateLimitKey) async throws -> RecentUse
    let newEpoch: @Sendable () -> UInt64

    /// One result per request, in order.
    func answer(
        _ requests: [(key: RateLimitKey, operation: LimiterOperation)]
    ) async -> [Result<LimiterAnswer, any Error>] {
        var places: [RateLimitKey: [Int]] = [:]
        for (place, request) in requests.enumerated() { places[request.key, default: []].append(place) }
        return await withTaskGroup(of: ([Int], [Result<LimiterAnswer, any Error>]).self) { group in
            for (key, places) in places {
                group.addTask {
                    let operations = places.map { requests[$0].operation }
                    do {
                        return (places, try await exchange(key, operations).map { .success($0) })
                    } catch {
                        return (places, operations.map { _ in .failure(error) })
                    }
                }
            }
            var answers = [Result<LimiterAnswer, any Error>](
                repeating: .failure(LimiterError(.unexpectedReply)), count: requests.count)
            for await (places, results) in group {
                for (place, result) in zip(places, results) { answers[place] = result }
            }
            return answers
        }
    }

    private func exchange(_ key: RateLimitKey, _ operations: [LimiterOperation]) async throws -> [LimiterAnswer] {
        let ours = limits.limits(provider: key.provider, limitClass: key.limitClass)
        let columns = [ours.requests, ours.tokens, ours.inputTokens, ours.outputTokens, ours.concurrency]
        let arguments =
            columns.map { String($0 ?? 0) } + [String(RedisRateLimiter.horizon.inMilliseconds)]
            + operations.flatMap(\.arguments)
        // The state may be lost again between the second and the third line: then they ask once more, later.
        for _ in 0..<3 {
            let reply = try await redis.evaluate(LimiterScripts.exchange, keys: key.redisKeys, arguments: arguments)
            guard case .array(let parts) = reply, let epoch = parts.first?.string else {
                throw LimiterError(.unexpectedReply)
            }
            if !epoch.isEmpty { return try answers(in: parts, epoch: epoch, to: operations) }
            guard parts.count == 2, let known = parts[1].string else { throw LimiterError(.unexpectedReply) }
            try await begin(key, known: known)
        }
        return operations.map { $0.asksForCapacity ? .wait(.milliseconds(100), for: .pause) : .settled }
    }

    private func answers(
        in parts: [RedisValue], epoch: String, to operations: [LimiterOperation]
    ) throws -> [LimiterAnswer] {
        var next = 1
        return try operations.map { operation in
            guard operation.asksForCapacity else { return .settled }
            guard parts.count > next + 1, let word = parts[next].string, let number = parts[next + 1].int,
                let answer = LimiterAnswer(word, number, epoch: epoch)
            else { throw LimiterError(.unexpectedReply) }
            next += 2
            return answer
        }
    }

    /// Starts the state of a bucket set anew, or completes it; if several workers do so at once, the first one counts.
    private func begin(_ key: RateLimitKey, known: String) async throws {
        let recent = try await recentUse(key)
        let grace = recent.mayHaveCallsInFlight ? RedisRateLimiter.grace : .zero
        let fixed = [known, String(newEpoch(), radix: 36), String(grace.inMilliseconds)]
        let calls = recent.calls.flatMap { call in
            LimiterScripts.arguments(
                age: call.age, TokenEstimate(call.usage), holder: call.holder, isInFlight: false)
        }
        _ = try await redis.evaluate(LimiterScripts.begin, keys: key.redisKeys, arguments: fixed + calls)
    }
}
