import AsyncPrimitives
package import FleetCore
import RedisClient
import Synchronization

/// Token buckets in Redis, shared by all workers.
///
/// Redis may lose everything at any time. The state then begins anew from the ledger's last minute, every worker counts
/// its recent calls again, and nobody calls for a moment meanwhile if there may be such calls; then the ledger is read
/// once more, for the calls of workers that died before they could count them. Without Redis there is no
/// grant: the limiter throws, the step waits.
///
/// What callers ask while an answer is on its way goes out together: one script run for all of them.
package final class RedisRateLimiter: RateLimiter {
    private typealias Request = SettlementOutbox.Request

    private let redis: any ScriptingRedis
    private let limits = LimitTable()
    private let time: any Timekeeper
    private let calls = Mutex(RecentReservations())
    private let renewals = Mutex(Cadence(every: renewalInterval))
    private let troubles = Mutex(Cadence(every: troubleInterval))
    /// Told now and then why calls cannot be counted again.
    private let onTrouble: @Sendable (any Error) -> Void
    private let lessons = Mutex<[RateLimitKey: Cadence]>([:])
    /// Settlements that Redis may not have got; sent again with the next heartbeat.
    private let unsettled: SettlementOutbox
    private let requests: Batcher<Request, Result<LimiterAnswer, any Error>>

    /// Slots are given out this far ahead; who comes later asks again, so that a later, more urgent step is not
    /// behind an hour of reservations.
    static let horizon: Duration = .seconds(10)
    /// How often what Redis may have lost is looked after.
    private static let upkeepInterval: Duration = .milliseconds(300)
    /// How long nobody calls after Redis lost its state while calls were in flight: three rounds, in which every worker
    /// that lives has counted its calls again.
    static let grace: Duration = upkeepInterval * 3
    /// A call in flight holds its place for so long, unless its worker says again that it is.
    static let lease: Duration = .seconds(5)
    /// Workers say so this often: several of them may get lost.
    private static let renewalInterval: Duration = .seconds(1)
    /// Least time between two tellings of the same trouble.
    private static let troubleInterval: Duration = .seconds(5)
    /// Least time between two answers of a bucket set whose limits are taken note of.
    private static let lessonInterval: Duration = .milliseconds(200)
    /// Holders of one operation.
    private static let renewalLimit = 64
    /// Most operations of one script run: others wait for Redis meanwhile.
    private static let batchLimit = 128

    /// ``run()`` has to run for the limiter to answer. Until ``use(_:)`` the specification's limits hold.
    ///
    /// - Parameters:
    ///   - recentUse: reads the last minute of a bucket set from the ledger.
    ///   - time: of this process.
    ///   - newEpoch: names a new incarnation of a bucket set's state, differently each time.
    ///   - onTrouble: told of what fails where nobody waits for an answer; it is tried again.
    package init(
        redis: any ScriptingRedis, recentUse: @escaping @Sendable (RateLimitKey) async throws -> RecentUse,
        time: any Timekeeper = SystemTimekeeper(),
        newEpoch: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 1...UInt64.max) },
        onTrouble: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.onTrouble = onTrouble
        self.redis = redis
        self.time = time
        let exchange = LimiterExchange(
            redis: redis, limits: limits, recentUse: recentUse, newEpoch: newEpoch)
        let unsettled = SettlementOutbox()
        self.unsettled = unsettled
        requests = Batcher(limit: Self.batchLimit, delay: .zero) { batch in
            let answers = await exchange.answer(batch)
            unsettled.keep(zip(batch, answers))
            return answers
        }
    }

    /// Carries what callers ask to Redis, and sees to it that Redis knows of this process's calls, until ``finish()``.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await self.time.sleep(for: Self.upkeepInterval)) != nil { await self.restoreRecentCalls() }
            }
            await requests.run()
            group.cancelAll()
        }
    }

    /// Answers what was asked, and nothing any more after that.
    package func finish() {
        requests.finish()
    }

    /// A grant is remembered here too, to be counted again if Redis loses its memory.
    ///
    /// - Throws: `RedisError`, what `recentUse` throws, or ``LimiterError``; `CancellationError` after ``finish()``.
    package func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        let operation = LimiterOperation.reserve(estimate, holder: holder, holdsTurn: holdsTurn)
        switch try await requests.submit((key, operation)).get() {
        case .granted(let cell, let epoch):
            let reservation = Reservation(key: key, estimate: estimate, holder: holder, cell: String(cell))
            let now = time.now
            let call = RecentReservations.Call(
                reservation: reservation, epoch: epoch, start: now, end: now + expiresAfter)
            calls.withLock { $0.begin(call) }
            return .granted(reservation)
        case .wait(let duration, let cause): return .wait(duration, holdsTurn: holdsTurn, for: cause)
        case .hold(let duration): return .wait(duration, holdsTurn: true)
        case .turn(let after): return .turn(after: after)
        case .settled: throw LimiterError(.unexpectedReply)
        }
    }

    /// Notes the real usage here too, for when Redis loses its memory; a call that was not sent is forgotten.
    package func settle(
        _ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?
    ) {
        // Nobody waits for it. What is asked later goes out later: no lease is renewed after its call's end.
        calls.withLock { calls in
            let counted = calls.end(reservation, usage: usage)
            requests.post((counted.key, .settle(counted, usage: usage, cooldown: cooldown)))
        }
    }

    /// From the next question on.
    package func use(_ settings: [LimitSetting]) { limits.update(settings) }

    /// Not each answer of many has to say so: the next one that may knows more.
    package func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {
        let now = time.now
        let isDue = lessons.withLock { $0[key, default: Cadence(every: Self.lessonInterval)].isDue(at: now) }
        if isDue { requests.post((key, .learn(reported))) }
    }

    /// Says of this worker's calls that they are in flight.
    private func renewLeases(at now: Duration) {
        guard renewals.withLock({ $0.isDue(at: now) }) else { return }
        calls.withLock { calls in
            for (key, holders) in calls.inFlight(at: now) {
                for start in stride(from: 0, to: holders.count, by: Self.renewalLimit) {
                    let part = holders[start..<min(start + Self.renewalLimit, holders.count)]
                    requests.post((key, .renew(holders: Array(part))))
                }
            }
        }
    }

    /// Renews the leases of this worker's calls in flight, counts its calls of the last minute again if Redis lost them, and
    /// settles again what it may not have got. Calls in flight are not in the ledger yet, and those that are just over may
    /// not be.
    func restoreRecentCalls() async {
        for request in unsettled.take() { requests.post(request) }
        let now = time.now
        renewLeases(at: now)
        let keys = calls.withLock { calls in
            calls.forget(at: now)
            return calls.keys
        }
        for key in keys {
            do {
                try await restore(key)
            } catch {
                if troubles.withLock({ $0.isDue(at: now) }) { onTrouble(error) }
            }
        }
    }

    private func restore(_ key: RateLimitKey) async throws {
        guard let epoch = try await redis.command(["HGET", key.redisKeys[0], "epoch"]).string else { return }
        var missing = calls.withLock { $0.missing(key, in: epoch) }[...]
        while !missing.isEmpty {
            try await restore(Array(missing.prefix(Self.batchLimit)), key)
            missing.removeFirst(min(missing.count, Self.batchLimit))
        }
    }

    private func restore(_ missing: [RecentReservations.Call], _ key: RateLimitKey) async throws {
        let now = time.now
        let arguments = missing.flatMap { call in
            LimiterScripts.arguments(
                age: now - call.start, call.reservation.estimate, holder: call.reservation.holder,
                isInFlight: call.end != nil)
        }
        let reply = try await redis.evaluate(LimiterScripts.restore, keys: key.redisKeys, arguments: arguments)
        guard case .array(let parts) = reply, parts.count == 2, let epoch = parts[0].string, !epoch.isEmpty,
            let redisNow = parts[1].int
        else { throw LimiterError(.unexpectedReply) }
        calls.withLock { calls in
            for call in missing {
                let cell = LimiterScripts.cell(now: redisNow, age: now - call.start)
                calls.restored(call, epoch: epoch, cell: String(cell))
            }
        }
    }
}

extension RateLimitKey {
    /// The braces keep them on one node of a cluster.
    var redisKeys: [String] {
        let tag = "{\(provider):\(credential):\(limitClass)}"
        return ["limit:\(tag)", "limit:\(tag):flight", "limit:\(tag):seen"]
    }
}

/// The limiter's own failure; those of Redis stay `RedisError`.
package struct LimiterError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Code: String, Sendable {
        case unexpectedReply = "unexpected_reply"
    }

    /// So far only a reply in a shape that the scripts never give.
    package let code: Code

    init(_ code: Code) { self.code = code }

    /// Nothing of the reply itself.
    package var description: String { "rate limiter: \(code.rawValue)" }
}
