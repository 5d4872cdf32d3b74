import FleetCore
import Synchronization

/// Grants at once; the process is frozen for a minute before it hears of the first grant.
final class FreezingLimiter: RateLimiter {
    let clock = ManualClock()
    let log = Mutex([String]())

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        if log.withLock({ $0.isEmpty }) { clock.pass(.seconds(60)) }
        log.withLock { $0.append("granted") }
        return .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }

    func use(_ settings: [LimitSetting]) {}
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {
        log.withLock { $0.append(usage == nil ? "given back" : "used") }
    }
}
