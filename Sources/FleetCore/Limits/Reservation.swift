/// Capacity taken for one call; given back or corrected by ``RateLimiter/settle(_:usage:cooldown:)``.
package struct Reservation: Sendable {
    /// The bucket set that it was taken from.
    package var key: RateLimitKey
    /// What was counted for it; settling puts the real usage in its place.
    package var estimate: TokenEstimate
    /// Names the holder, so that a leaked reservation expires and a double settlement does nothing.
    package var holder: String
    /// Where the limiter counted it.
    package var cell: String

    /// Made by the limiter; others hand it back unread.
    package init(key: RateLimitKey, estimate: TokenEstimate, holder: String, cell: String) {
        self.key = key
        self.estimate = estimate
        self.holder = holder
        self.cell = cell
    }
}
