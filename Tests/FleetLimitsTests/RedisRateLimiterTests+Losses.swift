import FleetCore
import Foundation
import RedisClient
import Synchronization
import TestServers
import Testing

@testable import FleetLimits

/// Workers that die, a Redis that is away or forgets, answers that nobody hears.
extension RedisRateLimiterTests {
    /// A worker that died: nobody says any more that its calls are in flight.
    @Test func thePlaceOfACallThatNobodyRenewsIsFreeAgain() async throws {
        try await run(RateLimits(concurrency: 2)) { fleet in
            try await fleet.warmUp()
            guard case .granted = try await fleet.reserve("a"), case .granted = try await fleet.reserve("b"),
                case .wait = try await fleet.reserve("c")
            else {
                Issue.record("not exactly two were granted")
                return
            }
            try await expireLeases(fleet)
            guard case .granted = try await fleet.reserve("c") else {
                Issue.record("the place of a dead worker's call is still taken")
                return
            }
        }
    }

    @Test func aLivingWorkersCallsStayInFlight() async throws {
        try await run(RateLimits(concurrency: 2)) { fleet in
            try await fleet.warmUp()
            guard case .granted = try await fleet.reserve("a"), case .granted(let second) = try await fleet.reserve("b")
            else {
                Issue.record("not two were granted")
                return
            }
            try await expireLeases(fleet)
            await fleet.limiter.restoreRecentCalls()
            guard case .wait = try await fleet.reserve("c") else {
                Issue.record("a third call of two at a time was granted")
                return
            }
            // Renewed once and over then: nothing is left of it.
            fleet.limiter.settle(second, usage: TokenUsage(), cooldown: nil)
            guard case .granted = try await fleet.reserve("c") else {
                Issue.record("the place of the finished call was not given on")
                return
            }
        }
    }

    /// Redis was away for longer than the leases last, and the calls went on all the time.
    @Test func afterALongSilenceNobodyCallsBeforeLeasesCouldBeRenewed() async throws {
        try await run(RateLimits(concurrency: 2)) { fleet in
            try await fleet.warmUp()
            guard case .granted = try await fleet.reserve("a"), case .granted = try await fleet.reserve("b") else {
                Issue.record("not two were granted")
                return
            }
            try await expireLeases(fleet)
            _ = try await fleet.redis.command(["HSET", "limit:{openai:\(fleet.key.credential):test}", "seen", "1"])
            try await runBehindCut(fleet, RateLimits(concurrency: 2)) { _, other in
                let decision = try await other.reserve(
                    fleet.key, estimate: TokenEstimate(inputTokens: 1, outputTokens: 1), holder: "c", holdsTurn: true,
                    expiresAfter: .seconds(60))
                guard case .wait = decision else {
                    Issue.record("granted although two calls are in flight")
                    return
                }
            }
        }
    }

    /// Otherwise every stall of Redis would count a worker's whole batch of calls that are never made.
    @Test func aGrantThatNobodyHeardOfIsTakenBack() async throws {
        let limits = RateLimits(tokens: 1000, concurrency: 1)
        try await run(limits) { fleet in
            try await fleet.warmUp()
            try await runBehindCut(fleet, limits) { server, limiter in
                server.losesReplies.withLock { $0 = true }
                await #expect(throws: CutServer.Cut.self) {
                    try await limiter.reserve(
                        fleet.key, estimate: TokenEstimate(inputTokens: 500, outputTokens: 400), holder: "unheard",
                        holdsTurn: true, expiresAfter: .seconds(60))
                }
                guard case .wait = try await fleet.reserve("early") else {
                    Issue.record("the grant was not made")
                    return
                }
                server.losesReplies.withLock { $0 = false }
                await limiter.restoreRecentCalls()
                // Asked by the same limiter: after what it had to say.
                let decision = try await limiter.reserve(
                    fleet.key, estimate: TokenEstimate(inputTokens: 500, outputTokens: 400), holder: "next",
                    holdsTurn: true, expiresAfter: .seconds(60))
                guard case .granted = decision else {
                    Issue.record("its place or its tokens are still taken")
                    return
                }
            }
        }
    }

    /// What an oversized call was counted with is what its end takes out again, whatever the limits are by then.
    @Test func aLimitThatWasRaisedMeanwhileLosesNoTokens() async throws {
        try await run(RateLimits(tokens: 100)) { fleet in
            try await fleet.warmUp()
            try await runBehindCut(fleet, RateLimits(tokens: 100)) { _, limiter in
                guard
                    case .granted(let large) = try await limiter.reserve(
                        fleet.key, estimate: TokenEstimate(inputTokens: 400, outputTokens: 100), holder: "large",
                        holdsTurn: true, expiresAfter: .seconds(60))
                else {
                    Issue.record("a call larger than the limit was not granted")
                    return
                }
                limiter.use([
                    LimitSetting(provider: "openai", limitClass: "*", limits: RateLimits(tokens: 1000))
                ])
                limiter.settle(
                    large, usage: TokenUsage(uncachedInputTokens: 400, outputTokens: 100),
                    cooldown: nil)
                _ = try await limiter.reserve(
                    fleet.key, estimate: TokenEstimate(inputTokens: 1, outputTokens: 1), holder: "small",
                    holdsTurn: true, expiresAfter: .seconds(60))
                let sum = try await fleet.redis.command(["HGET", "limit:{openai:\(fleet.key.credential):test}", "st"])
                #expect(sum.string == "502")
            }
        }
    }

    /// A Redis that starts from a dump, or a replica that is promoted: it knows an epoch, and nothing of the last
    /// minute.
    @Test func theStateOfAnotherServerCountsAsLost() async throws {
        try await run(RateLimits(requests: 2)) { fleet in
            try await fleet.warmUp()
            guard case .granted = try await fleet.reserve("second") else {
                Issue.record("the second call was not granted")
                return
            }
            let state = "limit:{openai:\(fleet.key.credential):test}"
            guard case .array(let fields) = try await fleet.redis.command(["HKEYS", state]) else {
                Issue.record("there is no state")
                return
            }
            for field in fields.compactMap(\.string) where field.first == "r" && Int(field.dropFirst()) != nil {
                _ = try await fleet.redis.command(["HDEL", state, field])
            }
            _ = try await fleet.redis.command(["HSET", state, "server", "another", "sr", "0"])
            fleet.recent.use = RecentUse(
                calls: ["x", "y"].map { RecentUse.Call(age: .zero, usage: TokenUsage(), holder: $0) },
                mayHaveCallsInFlight: false)
            if case .granted = try await fleet.reserve("third") {
                Issue.record("a third call of two in a minute was granted")
            }
        }
    }

    /// Otherwise the call would count as in flight until its deadline, and nobody else could call meanwhile.
    @Test func aSettlementThatRedisDidNotGetIsSentAgain() async throws {
        try await run(RateLimits(concurrency: 1)) { fleet in
            let server = CutServer(fleet.redis)
            let limiter = limiter(server, RateLimits(concurrency: 1)) { fleet.recent.use }
            func reserve(_ holder: String) async throws -> ReservationDecision {
                try await limiter.reserve(
                    fleet.key, estimate: TokenEstimate(inputTokens: 1, outputTokens: 1), holder: holder,
                    holdsTurn: true, expiresAfter: .seconds(60))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await limiter.run() }
                guard case .granted(let first) = try await reserve("first") else {
                    Issue.record("nothing was granted")
                    return limiter.finish()
                }
                server.isCut.withLock { $0 = true }
                limiter.settle(first, usage: TokenUsage(), cooldown: nil)
                // Answered after the settlement, which failed too.
                await #expect(throws: CutServer.Cut.self) { try await reserve("second") }
                server.isCut.withLock { $0 = false }
                guard case .wait = try await reserve("third") else {
                    Issue.record("the first call is over for Redis")
                    return limiter.finish()
                }
                await limiter.restoreRecentCalls()
                guard case .granted = try await reserve("fourth") else {
                    Issue.record("the first call is still in flight")
                    return limiter.finish()
                }
                limiter.finish()
            }
        }
    }

    @Test func afterALossOfRedisNobodyCallsUntilTheCallsInFlightAreCountedAgain() async throws {
        try await run(RateLimits(requests: 4)) { fleet in
            try await fleet.warmUp()
            guard case .granted = try await fleet.reserve("a"), case .granted = try await fleet.reserve("b") else {
                Issue.record("not granted")
                return
            }
            fleet.recent.use = RecentUse(calls: [], mayHaveCallsInFlight: true)
            let tag = "{openai:\(fleet.key.credential):test}"
            _ = try await fleet.redis.command(["DEL", "limit:\(tag)", "limit:\(tag):flight", "limit:\(tag):seen"])
            guard case .wait(let grace, holdsTurn: _, for: .pause) = try await fleet.reserve("c") else {
                Issue.record("granted although calls may have been in flight")
                return
            }
            #expect(grace <= .seconds(1))
            await fleet.limiter.restoreRecentCalls()
            _ = try await fleet.redis.command(["HDEL", "limit:\(tag)", "blocked"])
            // The warm-up, which is over but may not be in the ledger yet, and the two in flight: one of four is left.
            guard case .granted = try await fleet.reserve("c"), case .wait = try await fleet.reserve("d") else {
                Issue.record("the calls of the last minute were not counted again")
                return
            }
        }
    }

    @Test func whoDiedBeforeCountingItsCallsAgainIsCountedAfterTheGrace() async throws {
        try await run(RateLimits(requests: 3)) { fleet in
            fleet.recent.use = RecentUse(calls: [], mayHaveCallsInFlight: true)
            guard case .wait = try await fleet.reserve("a") else {
                Issue.record("granted although calls may have been in flight")
                return
            }
            // By the end of the grace the dead show, and what was over but not written yet is in the ledger.
            fleet.recent.use = RecentUse(
                calls: (1...3).map { number in
                    RecentUse.Call(age: .seconds(1), usage: TokenUsage(), holder: "dead-\(number)")
                }, mayHaveCallsInFlight: true)
            let tag = "{openai:\(fleet.key.credential):test}"
            _ = try await fleet.redis.command(["HSET", "limit:\(tag)", "begun", "0", "blocked", "0"])
            guard case .wait(let wait, _, for: .rate) = try await fleet.reserve("a") else {
                Issue.record("a fourth request within the minute was granted")
                return
            }
            #expect(wait > .seconds(50))
            #expect(try await fleet.redis.command(["HGET", "limit:\(tag)", "sr"]).int == 3)
        }
    }

    @Test func aCallThatTheLedgerKnowsIsNotCountedTwiceAfterALossOfRedis() async throws {
        try await run(RateLimits(requests: 3)) { fleet in
            try await fleet.warmUp()
            guard case .granted(let reservation) = try await fleet.reserve("a") else {
                Issue.record("not granted")
                return
            }
            let usage = TokenUsage(uncachedInputTokens: 1, outputTokens: 1)
            fleet.limiter.settle(reservation, usage: usage, cooldown: nil)
            fleet.recent.use = RecentUse(
                calls: [RecentUse.Call(age: .seconds(1), usage: usage, holder: "a")], mayHaveCallsInFlight: false)
            let tag = "{openai:\(fleet.key.credential):test}"
            _ = try await fleet.redis.command(["DEL", "limit:\(tag)", "limit:\(tag):flight", "limit:\(tag):seen"])
            guard case .granted = try await fleet.reserve("b") else {
                Issue.record("not granted")
                return
            }
            await fleet.limiter.restoreRecentCalls()
            // a, b and the warm-up make three; counted twice, a would make four of them.
            let requests = try await fleet.redis.command(["HGET", "limit:\(tag)", "sr"]).int
            #expect(requests == 3)
        }
    }
}
