package import AMQPClient

/// Hears the nudges.
package struct NudgeListener: Sendable {
    private let consumer: AMQPConsumer
    private let wake: @Sendable () -> Void

    /// - Parameter consumer: runs with ``FleetTopology/listenerTopology``, for this listener alone.
    package init(consumer: AMQPConsumer, wake: @escaping @Sendable () -> Void) {
        self.consumer = consumer
        self.wake = wake
    }

    /// Listens until the consumer is shut down.
    package func run() async {
        // A broker that comes up late: until then the scheduler's tick has to do.
        while (try? await consumer.consume(queue: FleetTopology.wakeQueue, prefetch: 100)) == nil {
            guard consumer.state != .closed, (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        }
        for await nudges in consumer.deliveries {
            wake()
            consumer.acknowledge(nudges.map(\.id))
        }
    }
}
