import FleetCore

/// Grants, or decides as it is told.
struct OpenLimiter: RateLimiter {
    var decision: ReservationDecision?
    var fails = false

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        if fails { throw CancellationError() }
        return decision ?? .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }

    func use(_ settings: [LimitSetting]) {}
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {}
}
