import FleetCore

/// A planted bug: a limiter that counts what was called, and lets a call through if it finds room, without having taken
/// the room first.
struct HastyLimiter: RateLimiter {
    let provider: SimulatedProvider
    let limits: RateLimits
    let time: any Timekeeper

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        let recent = provider.calls.count { $0.at > time.now - .seconds(60) }
        try await time.sleep(for: .milliseconds(5))
        guard recent < limits.requests ?? .max else { return .wait(.milliseconds(500), holdsTurn: false) }
        return .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }

    func use(_ settings: [LimitSetting]) {}

    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {}
}
