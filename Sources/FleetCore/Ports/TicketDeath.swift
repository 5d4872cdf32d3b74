/// What the broker says of one way a ticket went to the dead letters: an entry of its `x-death` header.
package struct TicketDeath: Sendable, Equatable {
    /// The queue it left.
    package var queue: String
    /// `rejected`, `expired`, `maxlen` or `delivery_limit`.
    package var reason: String
    /// How often.
    package var count: Int
    /// Of the first time, in microseconds since 1970-01-01 UTC; nil if the broker does not say.
    package var at: Int?

    package init(queue: String, reason: String, count: Int, at: Int?) {
        self.queue = queue
        self.reason = reason
        self.count = count
        self.at = at
    }
}
