/// Buckets that all workers share. Fails closed: without an answer there is no call.
package protocol RateLimiter: Sendable {
    /// Takes capacity for one call, or says when to ask again.
    ///
    /// - Parameter holdsTurn: the caller waited for a turn reserved earlier and does not queue again.
    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision

    /// Replaces the estimate with what was really used; nil usage: nothing was sent. Does not wait until it is known.
    ///
    /// - Parameter cooldown: the provider answered 429 and wants nobody to call for this long.
    func settle(
        _ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?)

    /// Takes over what operators have set, all of it.
    func use(_ settings: [LimitSetting])

    /// Takes note of what a provider's answer has said of its limits, at that moment. Does not wait until it is known.
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits)
}
