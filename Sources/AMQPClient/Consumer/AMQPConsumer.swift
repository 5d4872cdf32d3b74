package import Logging

/// Consumes queues over a connection of its own, which it re-establishes for as long as it runs.
///
/// Subscriptions survive: after a reconnect, and after the broker cancelled one because its queue was deleted, the
/// topology is declared again and the queue consumed again. What was delivered and not acknowledged before is
/// delivered anew; acknowledging the old delivery then does nothing.
package final class AMQPConsumer: Sendable {
    /// What the broker delivers, for all subscriptions; one element is all that was read at one go. For one reader.
    /// It ends with ``shutdown()``. What waits in it is bounded by the sum of the prefetch counts, per connection.
    package let deliveries: AsyncStream<[AMQPDelivery]>

    private let configuration: AMQPConfiguration
    private let runner: ConnectionRunner<ConsumerRole>

    /// Starts the owner thread, which waits for ``run()``. End it with ``shutdown()``, also if it never ran.
    ///
    /// - Parameter topology: declared after every connect, before consuming.
    /// - Throws: `outOfResources` if there is no thread or file descriptor left.
    package init(
        configuration: AMQPConfiguration, topology: AMQPTopology = AMQPTopology(), logger: Logger
    ) throws(AMQPError) {
        self.configuration = configuration
        let (stream, continuation) = AsyncStream.makeStream(of: [AMQPDelivery].self)
        deliveries = stream
        runner = try ConnectionRunner(configuration, threadName: "amqp-consume", logger: logger) {
            ConsumerRole(topology: topology, deliveries: continuation)
        }
    }

    /// Connects, and reconnects whenever it has to, until ``shutdown()`` or until the task is cancelled.
    package func run() async {
        await runner.run()
    }

    /// Consumes a queue until ``cancel(_:)``; returns once the broker has agreed.
    ///
    /// - Parameters:
    ///   - prefetch: the most messages delivered and not yet acknowledged on this subscription; 0: no limit.
    ///   - priority: of this consumer among the queue's consumers.
    /// - Throws: `notFound` if there is no such queue, `accessRefused`, `resourceLocked`; at the end of
    ///   `requestTimeout` why it was not possible; `closed`.
    package func consume(
        queue: String, prefetch: UInt16, priority: Int? = nil
    ) async throws(AMQPError) -> AMQPConsumerTag {
        let request = ConsumerRole.Request(
            queue: queue, prefetch: prefetch, priority: priority,
            deadline: Instant.now.advanced(by: configuration.requestTimeout))
        let result = await withCheckedContinuation { (continuation: Subscription.Continuation) in
            if !runner.post(.consume(request, continuation)) {
                continuation.resume(returning: .failure(AMQPError(.closed, "the consumer was shut down")))
            }
        }
        return try result.get()
    }

    /// Ends a subscription. On return everything delivered for it is in ``deliveries``, and can be acknowledged.
    package func cancel(_ tag: AMQPConsumerTag) async {
        await withCheckedContinuation { continuation in
            if !runner.post(.cancel(tag, continuation)) { continuation.resume() }
        }
    }

    /// Tells the broker that these messages are done with. Unknown ones, those settled before and those of an
    /// earlier connection are ignored. Does not wait: a connection lost now means that they are delivered again.
    package func acknowledge(_ ids: [AMQPDelivery.ID]) {
        _ = runner.post(.settle(ids, .acknowledge))
    }

    /// Gives messages back, to the queue or, without `requeue`, to its dead-letter exchange.
    package func reject(_ ids: [AMQPDelivery.ID], requeue: Bool) {
        _ = runner.post(.settle(ids, .reject(requeue: requeue)))
    }

    /// Where the connection stands now.
    package var state: AMQPConnectionState { runner.status.state }

    /// How the connection is, for people.
    package var health: AMQPHealth { runner.status.health(at: .now) }

    /// What to do about ``health``.
    package var advice: BrokerAdvice { BrokerAdvice(configuration) }

    /// The present state and every change from now on, a stream for each caller: `ready` after another state means
    /// that the connection is a new one.
    package var states: AsyncStream<AMQPConnectionState> { runner.status.observe() }

    /// Returns once connected with the topology declared and the subscriptions in force.
    ///
    /// - Throws: as ``AMQPPublisher/waitUntilReady(timeout:)`` does.
    package func waitUntilReady(timeout: Duration = .seconds(30)) async throws(AMQPError) {
        try await runner.status.waitUntilReady(timeout: timeout)
    }

    /// Sends the acknowledgements made so far, closes the connection and ends the thread. Unacknowledged messages
    /// go back to their queues.
    package func shutdown() async {
        await runner.shutdown()
    }
}
