package import FleetCore

/// Counts the requests of users against their quotas.
package protocol RequestQuota: Sendable {
    /// Counts one request; nil if it is not limited, or if nothing is known because the counter is away.
    func admit(_ key: APIKey) async -> QuotaState?
}

/// A caller's quota after a request was counted.
package struct QuotaState: Sendable, Equatable {
    /// Requests allowed until the reset.
    package var limit: Int
    /// Requests counted, this one included; more than the limit: this one is refused.
    package var current: Int
    /// When counting starts again, in seconds since 1970-01-01 UTC.
    package var resetAt: Int
    /// Seconds until then, at least 1.
    package var retryAfter: Int

    /// The state as the counter has it.
    package init(limit: Int, current: Int, resetAt: Int, retryAfter: Int) {
        self.limit = limit
        self.current = current
        self.resetAt = resetAt
        self.retryAfter = max(1, retryAfter)
    }

    var isExceeded: Bool { current > limit }
}
