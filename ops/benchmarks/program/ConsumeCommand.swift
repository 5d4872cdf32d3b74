import AMQPClient
import ArgumentParser

/// `fleet-bench consume`: what ``AMQPConsumer`` carries. Prints the seconds from the first delivery to the last
/// acknowledgement.
struct ConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume", abstract: "Consumes messages and acknowledges each.")

    @Option(help: "How many messages.") var messages: Int
    @Option(help: "Unacknowledged messages at most.") var prefetch: UInt16 = 100
    @Option(help: "The durable queue; declared if it is not there.") var queue: String

    func run() async throws {
        let servers = Servers()
        let consumer = try AMQPConsumer(
            configuration: servers.broker("consume"), topology: AMQPTopology(queues: [AMQPQueue(name: queue)]),
            logger: servers.logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await consumer.run() }
            try await consumer.waitUntilReady(timeout: .seconds(15))
            let clock = ContinuousClock()
            let start = clock.now
            _ = try await consumer.consume(queue: queue, prefetch: prefetch)
            var left = messages
            for await deliveries in consumer.deliveries {
                consumer.acknowledge(deliveries.map(\.id))
                left -= deliveries.count
                if left <= 0 { break }
            }
            // The acknowledgements are sent before the connection closes.
            await consumer.shutdown()
            print((clock.now - start) / .seconds(1))
            group.cancelAll()
        }
    }
}
