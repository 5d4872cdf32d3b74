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
    var backoff = Backoff()

    var consumerTag: String { "s\(number)" }

    mutating func postpone() {
        channel = nil
        nextAttempt = Instant.now.advanced(by: .milliseconds(backoff.next()))
    }
}
