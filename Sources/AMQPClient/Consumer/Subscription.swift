import BlockingIO

/// A queue that is to be consumed, whatever happens to connections and channels.
struct Subscription {
    typealias Continuation = CheckedContinuation<Result<AMQPConsumerTag, AMQPError>, Never>

    let number: UInt64
    let queue: String
    let prefetch: UInt16
    let priority: Int?
    /// Who waits for the first time that it is in force, and until when.
    var waiter: Continuation?
    let deadline: Instant
    /// The channel that delivers, nil while it is not in force.
    var channel: UInt16?
    /// When to try again to put it in force.
    var nextAttempt = Instant(nanoseconds: 0)
    var retryPause = ReconnectPause()
    /// How often in a row the broker closed the connection instead of delivering.
    var strikes = 0

    var consumerTag: String { "s\(number)" }

    mutating func postpone() {
        channel = nil
        nextAttempt = Instant.now.advanced(by: retryPause.next())
    }

    /// The broker closed the connection as an answer: from the second time on, a long while for the others.
    mutating func strike() {
        channel = nil
        strikes += 1
        if strikes > 1 { nextAttempt = Instant.now.advanced(by: .seconds(min(600, 30 << min(strikes - 2, 5)))) }
    }
}
