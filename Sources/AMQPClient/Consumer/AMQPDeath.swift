/// One entry of a message's `x-death` header: how often it was dead-lettered from one queue for one reason.
package struct AMQPDeath: Sendable, Equatable {
    /// The queue it left.
    package var queue: String
    /// The exchange it had been published to; empty for the default one.
    package var exchange: String
    /// `rejected`, `expired`, `maxlen` or `delivery_limit`.
    package var reason: String
    package var count: Int
    /// Of the first time, in seconds since 1970-01-01 UTC; nil if the broker does not say.
    package var seconds: Int?
}
