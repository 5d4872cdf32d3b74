public import FleetCore

/// Counts the requests of users against their quotas.
public protocol RequestQuota: Sendable {
    /// Counts one request; nil if it is not limited, or if nothing is known because the counter is away.
    func admit(_ key: APIKey) async -> QuotaState?
}

/// A caller's quota after a request was counted.
public struct QuotaState: Sendable, Equatable {
    /// Requests allowed until the reset.
    public var limit: Int
    /// Requests counted, this one included; more than the limit: this one is refused.
    public var current: Int
    /// When counting starts again, in seconds since 1970-01-01 UTC.
    public var resetAt: Int
    /// Seconds until then, at least 1.
    public var retryAfter: Int

    /// The state as the counter has it.
    public init(limit: Int, current: Int, resetAt: Int, retryAfter: Int) {
        self.limit = limit
        self.current = current
        self.resetAt = resetAt
        self.retryAfter = max(1, retryAfter)
    }

    var isExceeded: Bool { current > limit }
}
