import FleetCore
import Foundation
import RedisClient
import Synchronization
import TestServers
import Testing

@testable import FleetLimits

/// The buckets on a real Redis; every test has a bucket set of its own.
@Suite(.timeLimit(.minutes(2))) struct RedisRateLimiterTests {
    struct Fixture {
        let redis: RedisClient
        let limiter: RedisRateLimiter
        let key: RateLimitKey
        let recent: RecentCalls

        func reserve(
            _ holder: String, input: Int = 10, output: Int = 10, holdsTurn: Bool = true
        ) async throws -> ReservationDecision {
            try await limiter.reserve(
                key, estimate: TokenEstimate(inputTokens: input, outputTokens: output), holder: holder,
                holdsTurn: holdsTurn, expiresAfter: .seconds(60))
        }

        /// Takes and settles one call, so that the bucket set is warm.
        func warmUp() async throws {
            guard case .granted(let reservation) = try await reserve("warm") else {
                Issue.record("the first call was not granted")
                return
            }
            limiter.settle(reservation, usage: TokenUsage(), cooldown: nil)
        }
    }

    final class RecentCalls: Sendable {
        private let value = Mutex(RecentUse(calls: [], mayHaveCallsInFlight: false))
        var use: RecentUse {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    /// Looks after what Redis may have lost only when it is told to.
    struct NoUpkeep: Timekeeper {
        let clock = SystemTimekeeper()
        var now: Duration { clock.now }
        func sleep(for duration: Duration) async throws { try await clock.sleep(for: .seconds(3600)) }
    }

    func limiter(
        _ server: any ScriptingRedis, _ limits: RateLimits, recentUse: @escaping @Sendable () -> RecentUse
    ) -> RedisRateLimiter {
        let limiter = RedisRateLimiter(redis: server, recentUse: { _ in recentUse() }, time: NoUpkeep())
        limiter.use([LimitSetting(provider: "openai", limitClass: "*", limits: limits)])
        return limiter
    }

    func run(_ limits: RateLimits, _ body: (Fixture) async throws -> Void) async throws {
        let redis = RedisClient(configuration: try RedisConfiguration(url: TestServer.redis.url()))
        let key = RateLimitKey(provider: "openai", credential: UUID().uuidString, limitClass: "test")
        let recent = RecentCalls()
        let fixture = Fixture(redis: redis, limiter: limiter(redis, limits) { recent.use }, key: key, recent: recent)
        try await withResource(redis, close: { await $0.shutdown() }) { _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.limiter.run() }
                try await withResource(fixture, close: { $0.limiter.finish() }, body: body)
            }
        }
    }

    /// Passes everything on to Redis, except what comes while it is cut.
    final class CutServer: ScriptingRedis {
        struct Cut: Error {}

        let isCut = Mutex(false)
        /// Redis does what it is asked to, and nobody hears of it.
        let losesReplies = Mutex(false)
        private let redis: RedisClient

        init(_ redis: RedisClient) { self.redis = redis }

        func command(_ arguments: [String]) async throws -> RedisValue {
            if isCut.withLock({ $0 }) { throw Cut() }
            return try await redis.command(arguments)
        }

        func evaluate(_ script: RedisScript, keys: [String], arguments: [String]) async throws -> RedisValue {
            if isCut.withLock({ $0 }) { throw Cut() }
            let reply = try await redis.evaluate(script, keys: keys, arguments: arguments)
            if losesReplies.withLock({ $0 }) { throw Cut() }
            return reply
        }
    }

    /// Another limiter of the same bucket set, behind a server that can be cut.
    func runBehindCut(
        _ fleet: Fixture, _ limits: RateLimits,
        _ body: (CutServer, RedisRateLimiter) async throws -> Void
    ) async throws {
        let server = CutServer(fleet.redis)
        let limiter = limiter(server, limits) { fleet.recent.use }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await limiter.run() }
            try await withResource(limiter, close: { $0.finish() }, body: { try await body(server, $0) })
        }
    }

    /// Lets all leases of the bucket set run out, as if so much time had gone by.
    func expireLeases(_ fleet: Fixture) async throws {
        let flight = "limit:{openai:\(fleet.key.credential):test}:flight"
        guard case .array(let holders) = try await fleet.redis.command(["ZRANGE", flight, "0", "-1"]) else { return }
        for holder in holders.compactMap(\.string) { _ = try await fleet.redis.command(["ZADD", flight, "1", holder]) }
    }

    @Test func noMoreRequestsAreGrantedThanTheLimitHoweverManyAsk() async throws {
        try await run(RateLimits(requests: 50)) { fleet in
            try await fleet.warmUp()
            let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        if case .granted = try await fleet.reserve("r\(number)") { true } else { false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            // The warm-up was one of the fifty.
            #expect(granted == 49)
        }
    }

    @Test func tokensAreReservedBeforeTheyAreUsedAndCorrectedAfterwards() async throws {
        try await run(RateLimits(tokens: 1000)) { fleet in
            try await fleet.warmUp()
            guard case .granted(let first) = try await fleet.reserve("a", input: 300, output: 600) else {
                Issue.record("not granted")
                return
            }
            guard case .wait(_, holdsTurn: true, for: .rate) = try await fleet.reserve("b", input: 200, output: 0)
            else {
                Issue.record("900 + 200 tokens were granted under a limit of 1000")
                return
            }
            fleet.limiter.settle(
                first, usage: TokenUsage(uncachedInputTokens: 300, outputTokens: 100),
                cooldown: nil
            )
            guard case .granted = try await fleet.reserve("b", input: 200, output: 400) else {
                Issue.record("what was not used was not given back")
                return
            }
            guard case .wait = try await fleet.reserve("c", input: 10, output: 0) else {
                Issue.record("1010 tokens were granted")
                return
            }
        }
    }

    @Test func whatWasNeverSentIsGivenBackWhole() async throws {
        try await run(RateLimits(requests: 2)) { fleet in
            try await fleet.warmUp()
            for number in 0..<5 {
                guard case .granted(let reservation) = try await fleet.reserve("r\(number)") else {
                    Issue.record("attempt \(number) was not granted")
                    return
                }
                fleet.limiter.settle(
                    reservation, usage: nil, cooldown: nil)
            }
        }
    }

    @Test func settlingTwiceGivesNothingBackTwice() async throws {
        try await run(RateLimits(requests: 2)) { fleet in
            try await fleet.warmUp()
            guard case .granted(let reservation) = try await fleet.reserve("a") else {
                Issue.record("not granted")
                return
            }
            for _ in 0..<3 {
                fleet.limiter.settle(reservation, usage: nil, cooldown: nil)
            }
            guard case .granted = try await fleet.reserve("b"), case .wait = try await fleet.reserve("c") else {
                Issue.record("the limit of two moved")
                return
            }
        }
    }

    @Test func callsInFlightAreBounded() async throws {
        try await run(RateLimits(concurrency: 2)) { fleet in
            try await fleet.warmUp()
            guard case .granted(let first) = try await fleet.reserve("a"),
                case .granted = try await fleet.reserve("b"),
                case .wait(_, _, for: .concurrency) = try await fleet.reserve("c")
            else {
                Issue.record("not exactly two were granted")
                return
            }
            fleet.limiter.settle(first, usage: TokenUsage(), cooldown: nil)
            guard case .granted = try await fleet.reserve("c") else {
                Issue.record("the place of the finished call was not given on")
                return
            }
        }
    }

    @Test func aColdBucketStartsWithWhatTheLedgerSays() async throws {
        try await run(RateLimits(requests: 10)) { fleet in
            fleet.recent.use = RecentUse(
                calls: (0..<10).map { number in
                    RecentUse.Call(
                        age: .seconds(20), usage: TokenUsage(uncachedInputTokens: 5, outputTokens: 5),
                        holder: "call-\(number)")
                }, mayHaveCallsInFlight: false)
            guard case .wait(let wait, _, for: .rate) = try await fleet.reserve("a") else {
                Issue.record("an eleventh request within the minute was granted")
                return
            }
            #expect(wait > .seconds(35) && wait < .seconds(45))
        }
    }

    @Test func aProvidersRetryAfterStopsEverybody() async throws {
        try await run(RateLimits(requests: 100)) { fleet in
            guard case .granted(let reservation) = try await fleet.reserve("a") else {
                Issue.record("not granted")
                return
            }
            fleet.limiter.settle(
                reservation, usage: TokenUsage(), cooldown: .seconds(7))
            guard case .wait(let wait, _, for: .pause) = try await fleet.reserve("b") else {
                Issue.record("granted during the cooldown")
                return
            }
            #expect(wait > .seconds(6) && wait <= .seconds(7))
        }
    }

    @Test func aLowerLimitInTheHeadersIsLearned() async throws {
        try await run(RateLimits(requests: 1000)) { fleet in
            guard case .granted(let reservation) = try await fleet.reserve("a") else {
                Issue.record("not granted")
                return
            }
            var reported = ReportedLimits()
            reported.requestLimit = 2
            reported.requestsRemaining = 1
            fleet.limiter.learn(fleet.key, reported)
            fleet.limiter.settle(reservation, usage: TokenUsage(), cooldown: nil)
            guard case .granted = try await fleet.reserve("b"), case .wait = try await fleet.reserve("c") else {
                Issue.record("the reported limit of two was not kept")
                return
            }
        }
    }

    @Test func slotsAreGivenOutInOrderAtTheLimitsPace() async throws {
        try await run(RateLimits(requests: 60)) { fleet in
            try await fleet.warmUp()
            // Each slot begins at some moment between these two, however long the answer took.
            var slots: [(earliest: Duration, latest: Duration)] = []
            let time = SystemTimekeeper()
            for number in 0..<9 {
                let asked = time.now
                if case .turn(let after) = try await fleet.reserve("r\(number)", holdsTurn: false) {
                    slots.append((asked + after, time.now + after))
                }
            }
            // A burst of three seconds, then a little less than one second each.
            #expect(slots.count >= 4)
            for (earlier, later) in zip(slots, slots.dropFirst()) {
                #expect(later.latest - earlier.earliest > .milliseconds(900))
                #expect(later.earliest - earlier.latest < .milliseconds(1000))
            }
        }
    }

    @Test func nobodyReservesBeyondTheHorizon() async throws {
        try await run(RateLimits(requests: 6)) { fleet in
            try await fleet.warmUp()
            var beyond = 0
            for number in 0..<10 {
                if case .wait(_, holdsTurn: false, for: .rate) = try await fleet.reserve("r\(number)", holdsTurn: false)
                {
                    beyond += 1
                }
            }
            #expect(beyond >= 7)
        }
    }
}
