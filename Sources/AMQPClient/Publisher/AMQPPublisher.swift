package import Logging

/// Publishes with confirms over a connection of its own, which it re-establishes for as long as it runs.
///
/// Delivery is at least once: a message whose confirm was lost with a connection is published again after recovery,
/// until its deadline. A message that a publish reported as failed may still have reached the broker.
package final class AMQPPublisher: Sendable {
    private let configuration: AMQPConfiguration
    private let runner: ConnectionRunner<PublisherRole>

    /// Starts the owner thread, which waits for ``run()``. End it with ``shutdown()``, also if it never ran.
    ///
    /// - Parameters:
    ///   - topology: declared after every connect, before the first publish.
    ///   - window: the most messages that are sent and not yet confirmed.
    /// - Throws: `outOfResources` if there is no thread or file descriptor left.
    package init(
        configuration: AMQPConfiguration, topology: AMQPTopology = AMQPTopology(), window: Int = 1000, logger: Logger
    ) throws(AMQPError) {
        self.configuration = configuration
        runner = try ConnectionRunner(configuration, threadName: "amqp-publish", logger: logger) {
            PublisherRole(topology: topology, window: window)
        }
    }

    /// Connects, and reconnects whenever it has to, until ``shutdown()`` or until the task is cancelled.
    package func run() async {
        await runner.run()
    }

    /// Publishes messages and returns when the broker has confirmed them all.
    ///
    /// Messages of one call are sent in order, calls in the order they were made. Cancelling the task gives up
    /// waiting.
    ///
    /// - Parameter timeout: nil: the configuration's `publishTimeout`. It is kept to a few milliseconds, plus the
    ///   rest of a connection attempt or request in progress, plus up to two heartbeats on a line that is stuck.
    /// - Throws: if any message is not known to be safe: the first failure's code, and in `failedIndices` all
    ///   messages concerned. `nacked`, `unroutable`; `blocked` or `timedOut` at the deadline; without a connection
    ///   at the deadline why there is none; `closed`, `cancelled`, `invalidArgument`; the broker's verdict on a
    ///   message it cannot take, `notFound` for an unknown exchange.
    package func publish(_ messages: [AMQPMessage], timeout: Duration? = nil) async throws(AMQPError) {
        guard !messages.isEmpty else { return }
        for (index, message) in messages.enumerated() {
            if let problem = message.problem(frameMax: configuration.frameMax) {
                throw AMQPError(.invalidArgument, "message \(index): \(problem)").failing(Array(messages.indices))
            }
        }
        let request = PublishRequest(
            messages, deadline: Instant.now.advanced(by: timeout ?? configuration.publishTimeout))
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: PublishRequest.Continuation) in
                if !runner.post(.publish(request, continuation)) {
                    let error = AMQPError(.closed, "the publisher was shut down")
                    continuation.resume(returning: .failure(error.failing(Array(messages.indices))))
                }
            }
        } onCancel: {
            _ = runner.post(.cancel(request))
        }
        try result.get()
    }

    /// Declares a queue, which creates it if it is not there, and tells how full it is. A queue of the topology that
    /// exists with other properties is looked at; one that was refused a moment ago is not asked for again.
    ///
    /// - Throws: `preconditionFailed` if it exists with other properties, `resourceLocked`, `accessRefused`;
    ///   at the end of `requestTimeout` as ``publish(_:timeout:)`` does.
    @discardableResult
    package func declare(_ queue: AMQPQueue) async throws(AMQPError) -> AMQPQueueStatus {
        try await request { .declare(queue, $0) }
    }

    /// Tells how full a queue is, whatever its properties; makes nothing.
    ///
    /// - Throws: `notFound` if there is none; as ``declare(_:)`` does.
    package func inspect(_ queue: String) async throws(AMQPError) -> AMQPQueueStatus {
        try await request { .inspect(queue, $0) }
    }

    /// Drops the messages of a queue that are not with a consumer; returns how many.
    @discardableResult
    package func purge(_ queue: String) async throws(AMQPError) -> Int {
        try await request { .purge(queue, $0) }
    }

    /// Deletes a queue with its messages; returns how many. A queue that does not exist counts as deleted.
    @discardableResult
    package func delete(_ queue: String) async throws(AMQPError) -> Int {
        try await request { .delete(queue, $0) }
    }

    /// Where the connection stands now.
    package var state: AMQPConnectionState { runner.status.state }

    /// How the connection is, for people.
    package var health: AMQPHealth { runner.status.health(at: .now) }

    /// What to do about ``health``.
    package var advice: BrokerAdvice { BrokerAdvice(configuration) }

    /// The present state and every change from now on, a stream for each caller: `ready` after another state means
    /// that the connection is a new one, perhaps to a broker that lost its data.
    package var states: AsyncStream<AMQPConnectionState> { runner.status.observe() }

    /// Returns once connected with the topology declared, also if the broker takes no publishes at the moment.
    ///
    /// - Throws: at once what only a change of configuration can cure, such as `authenticationFailed` or a topology
    ///   refused with `preconditionFailed` (the rest of it is in force); at the timeout why there is no connection.
    package func waitUntilReady(timeout: Duration = .seconds(30)) async throws(AMQPError) {
        try await runner.status.waitUntilReady(timeout: timeout)
    }

    /// Fails whatever waits with `closed`, closes the connection and ends the thread.
    package func shutdown() async {
        await runner.shutdown()
    }

    private func request<Value: Sendable>(
        _ action: (QueueRequest.Continuation<Value>) -> QueueRequest.Action
    ) async throws(AMQPError) -> Value {
        let deadline = Instant.now.advanced(by: configuration.requestTimeout)
        let result = await withCheckedContinuation { (continuation: QueueRequest.Continuation<Value>) in
            let request = QueueRequest(action: action(continuation), deadline: deadline)
            if !runner.post(.control(request)) { request.fail(AMQPError(.closed, "the publisher was shut down")) }
        }
        return try result.get()
    }
}
