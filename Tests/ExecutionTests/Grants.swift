import FleetCore

/// A limiter with room for everything.
struct Grants: RateLimiter {
    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }
    func use(_ settings: [LimitSetting]) {}
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}
    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {}
}
