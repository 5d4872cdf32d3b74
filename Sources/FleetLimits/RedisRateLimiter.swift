public import FleetCore
import RedisClient
import Synchronization

/// Token buckets in Redis, shared by all workers.
///
/// Redis may lose everything at any time. The state then begins anew from the ledger's last minute, every worker counts
/// its calls in flight again, and nobody calls for a moment meanwhile if there may be such calls. Without Redis there is
/// no grant: the limiter throws, the step waits.
public final class RedisRateLimiter: RateLimiter {
    /// A call of this worker in the last minute.
    fileprivate struct OwnCall {
        var reservation: Reservation
        var epoch: String
        var start: Duration
        /// Nil: the call is over, and the reservation's estimate is what it used.
        var expiresAfter: Duration?
    }

    private let redis: any ScriptServer
    private let limits: LimitTable
    private let recentUse: @Sendable (RateLimitKey) async throws -> RecentUse
    private let newEpoch: @Sendable () -> UInt64
    private let time: any Timekeeper
    private let calls = Mutex<[String: OwnCall]>([:])

    /// Slots are given out this far ahead; who comes later asks again, so that a later, more urgent step is not
    /// behind an hour of reservations.
    static let horizon: Duration = .seconds(10)
    /// How long nobody calls after Redis lost its state while calls were in flight: a few heartbeats.
    static let grace: Duration = .milliseconds(1000)
    /// Calls are remembered until no window contains them any more.
    private static let memory: Duration = .seconds(61)

    /// - Parameters:
    ///   - recentUse: reads the last minute of a bucket set from the ledger.
    ///   - time: of this process.
    ///   - newEpoch: names a new incarnation of a bucket set's state, differently each time.
    public init(
        redis: any ScriptServer, limits: LimitTable,
        recentUse: @escaping @Sendable (RateLimitKey) async throws -> RecentUse,
        time: any Timekeeper = SystemTimekeeper(),
        newEpoch: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 1...UInt64.max) }
    ) {
        self.redis = redis
        self.limits = limits
        self.recentUse = recentUse
        self.time = time
        self.newEpoch = newEpoch
    }

    public func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsSlot: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        let limits = limits.limits(provider: key.provider, limitClass: key.limitClass)
        let arguments =
            Self.columns(limits) + [
                String(limits.concurrency ?? 0), String(estimate.inputTokens), String(estimate.outputTokens), holder,
                holdsSlot ? "1" : "0", String(expiresAfter.inMilliseconds), String(Self.horizon.inMilliseconds),
            ]
        for _ in 0..<3 {
            let reply = try await redis.evaluate(LimiterScripts.reserve, keys: key.redisKeys, arguments: arguments)
            guard case .array(let parts) = reply, parts.count == 3, let epoch = parts[0].string,
                let word = parts[1].string, let number = parts[2].int
            else { throw LimiterError(.unexpectedReply) }
            switch word {
            case "ok":
                let reservation = Reservation(key: key, estimate: estimate, holder: holder, cell: String(number))
                let call = OwnCall(
                    reservation: reservation, epoch: epoch, start: time.now, expiresAfter: expiresAfter)
                calls.withLock { $0[holder] = call }
                return .granted(reservation)
            case "wait": return .wait(.milliseconds(number), holdsSlot: holdsSlot)
            case "hold": return .wait(.milliseconds(number), holdsSlot: true)
            case "slot": return .slot(after: .milliseconds(number))
            default: try await begin(key)
            }
        }
        return .wait(.milliseconds(100), holdsSlot: holdsSlot)
    }

    public func settle(
        _ reservation: Reservation, usage: TokenUsage?, reported: ReportedLimits, cooldown: Duration?
    ) async {
        let current = calls.withLock { $0.end(reservation, usage: usage) }
        let key = current.key
        let arguments = [
            current.cell, String(current.estimate.inputTokens), String(current.estimate.outputTokens), current.holder,
            usage == nil ? "0" : "1", String(usage?.inputTokens ?? 0), String(usage?.outputTokens ?? 0),
            String(cooldown?.inMilliseconds ?? 0),
            Self.column(reported.requestLimit), Self.column(reported.requestsRemaining),
            Self.column(reported.tokenLimit), Self.column(reported.tokensRemaining),
            Self.column(reported.inputTokenLimit), Self.column(reported.inputTokensRemaining),
            Self.column(reported.outputTokenLimit), Self.column(reported.outputTokensRemaining),
        ]
        let ours = Self.columns(limits.limits(provider: key.provider, limitClass: key.limitClass))
        // An unsettled reservation only holds its estimate until it expires: too much, never too little.
        _ = try? await redis.evaluate(LimiterScripts.settle, keys: key.redisKeys, arguments: arguments + ours)
    }

    /// Counts this worker's calls of the last minute again if Redis lost them; called with every heartbeat. Those in
    /// flight are not in the ledger yet, and those that are just over may not be.
    public func restoreRecentCalls() async {
        let now = time.now
        let recent = calls.withLock { calls in
            calls.forget { $0.expiresAfter == nil && $0.start < now - Self.memory }
            return calls
        }
        guard !recent.isEmpty else { return }
        for key in Set(recent.values.map(\.reservation.key)) {
            let epoch = try? await redis.command(["HGET", key.redisKeys[0], "epoch"]).string
            guard let epoch else { continue }
            for (holder, call) in recent where call.reservation.key == key && call.epoch != epoch {
                await restore(holder, call, age: now - call.start)
            }
        }
    }

    private func restore(_ holder: String, _ call: OwnCall, age: Duration) async {
        let reservation = call.reservation
        let reply = try? await redis.evaluate(
            LimiterScripts.restore, keys: reservation.key.redisKeys,
            arguments: [
                String(reservation.estimate.inputTokens), String(reservation.estimate.outputTokens), holder,
                String(call.expiresAfter?.inMilliseconds ?? 0), String(age.inMilliseconds),
            ])
        guard case .array(let parts)? = reply, parts.count == 2, let epoch = parts[0].string, let cell = parts[1].int
        else { return }
        calls.withLock { calls in
            calls[holder]?.epoch = epoch
            calls[holder]?.reservation.cell = String(cell)
        }
    }

    /// Starts the state of a bucket set anew; if several workers do so at once, the first one counts.
    private func begin(_ key: RateLimitKey) async throws {
        let recent = try await recentUse(key)
        let grace = recent.mayHaveCallsInFlight ? Self.grace : .zero
        var arguments = [String(newEpoch(), radix: 36), String(grace.inMilliseconds)]
        for call in recent.calls {
            arguments += [
                String(call.age.inMilliseconds), String(call.usage.inputTokens), String(call.usage.outputTokens),
                call.holder,
            ]
        }
        _ = try await redis.evaluate(LimiterScripts.begin, keys: key.redisKeys, arguments: arguments)
    }

    private static func columns(_ limits: RateLimits) -> [String] {
        [limits.requests, limits.tokens, limits.inputTokens, limits.outputTokens].map { String($0 ?? 0) }
    }

    private static func column(_ value: Int?) -> String { String(value ?? -1) }
}

extension [String: RedisRateLimiter.OwnCall] {
    /// The call is over: from now on its reservation says what it used. Returns the reservation as it was.
    fileprivate mutating func end(_ reservation: Reservation, usage: TokenUsage?) -> Reservation {
        guard let call = self[reservation.holder] else { return reservation }
        if let usage {
            self[reservation.holder]?.expiresAfter = nil
            self[reservation.holder]?.reservation.estimate = TokenEstimate(
                inputTokens: usage.inputTokens, outputTokens: usage.outputTokens)
        } else {
            self[reservation.holder] = nil
        }
        return call.reservation
    }

    fileprivate mutating func forget(_ isOver: (Value) -> Bool) {
        for (holder, call) in self where isOver(call) { self[holder] = nil }
    }
}

extension RateLimitKey {
    /// The braces keep them on one node of a cluster.
    fileprivate var redisKeys: [String] {
        let tag = "{\(provider):\(credential):\(limitClass)}"
        return ["limit:\(tag)", "limit:\(tag):flight", "limit:\(tag):seen"]
    }
}

/// The limiter's own failure; those of Redis stay `RedisError`.
public struct LimiterError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        case unexpectedReply = "unexpected_reply"
    }

    public let code: Code

    init(_ code: Code) { self.code = code }

    /// A reply of another shape stays that way.
    public var isRetriable: Bool { false }

    public var description: String { "rate limiter: \(code.rawValue)" }
}
