import FleetCore
import Synchronization

/// Notes what each call was settled with, to be compared with the ledger.
final class BookkeepingLimiter: RateLimiter {
    private let limiter: any RateLimiter
    private let book: LimiterBook
    private let bugs: Set<PlantedBug>

    init(_ limiter: any RateLimiter, book: LimiterBook, bugs: Set<PlantedBug>) {
        self.limiter = limiter
        self.book = book
        self.bugs = bugs
    }

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        try await limiter.reserve(
            key, estimate: estimate, holder: holder, holdsTurn: holdsTurn, expiresAfter: expiresAfter)
    }

    func use(_ settings: [LimitSetting]) { limiter.use(settings) }

    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {
        if !bugs.contains(.reportedLimitsAreIgnored) { limiter.learn(key, reported) }
    }

    func settle(
        _ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?
    ) {
        if let usage { book.note(reservation.holder, usage) }
        limiter.settle(reservation, usage: usage, cooldown: cooldown)
    }
}

/// What all limiters of a simulation were settled with, by the calls' keys.
final class LimiterBook: Sendable {
    private let usages = Mutex<[String: TokenUsage]>([:])

    subscript(key: String) -> TokenUsage? { usages.withLock { $0[key] } }

    func note(_ key: String, _ usage: TokenUsage) { usages.withLock { $0[key] = usage } }
}
