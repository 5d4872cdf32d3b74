/// A message the broker delivered, to be acknowledged or rejected once.
package struct AMQPDelivery: Sendable {
    /// Names a delivery for acknowledgement. It is void once the connection or channel it came on is gone: the
    /// broker then delivers the message again.
    package struct ID: Sendable, Hashable {
        /// Unique for each opened channel of each connection of a consumer.
        package let session: UInt32
        package let tag: UInt64

        package init(session: UInt32, tag: UInt64) {
            self.session = session
            self.tag = tag
        }
    }

    /// For acknowledging it.
    package let id: ID
    /// The queue that was consumed.
    package let queue: String
    /// As published.
    package let body: [UInt8]
    /// It was delivered before, here or elsewhere, and not acknowledged.
    package let isRedelivered: Bool
    /// As published, nil if it had none.
    package let priority: UInt8?
    /// As published, nil if it had none.
    package let messageID: String?
    /// The headers whose values are text.
    package let headers: [String: String]
    /// Its `x-death` header, the latest first; empty if it was never dead-lettered.
    package let deaths: [AMQPDeath]
}

/// Names a subscription of an ``AMQPConsumer``; the same across reconnects.
package struct AMQPConsumerTag: Sendable, Hashable {
    let number: UInt64
}
