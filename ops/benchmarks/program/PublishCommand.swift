import AMQPClient
import ArgumentParser

/// `fleet-bench publish`: what ``AMQPPublisher`` carries. Prints the seconds it took.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publishes persistent messages, each confirmed.")

    @Option(help: "How many messages.") var messages: Int
    @Option(help: "Bytes per message.") var size = 512
    @Option(help: "Messages that are sent and not yet confirmed, at most.") var window = 1000
    @Option(help: "Messages per publish call.") var batch = 100
    @Option(help: "The durable queue; declared if it is not there.") var queue: String

    func run() async throws {
        let servers = Servers()
        let publisher = try AMQPPublisher(
            configuration: servers.broker("publish"), topology: AMQPTopology(queues: [AMQPQueue(name: queue)]),
            window: window, logger: servers.logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await publisher.run() }
            try await publisher.waitUntilReady(timeout: .seconds(15))
            let clock = ContinuousClock()
            let start = clock.now
            try await publishAll(publisher)
            print((clock.now - start) / .seconds(1))
            await publisher.shutdown()
            group.cancelAll()
        }
    }

    /// Enough calls side by side to keep the window full.
    private func publishAll(_ publisher: AMQPPublisher) async throws {
        let message = AMQPMessage(
            exchange: "", routingKey: queue, body: [UInt8](repeating: 120, count: size), isPersistent: true)
        let (messages, batch, writers) = (messages, batch, max(1, 2 * window / batch))
        try await withThrowingTaskGroup { group in
            for writer in 0..<writers {
                group.addTask {
                    var left = messages / writers + (writer < messages % writers ? 1 : 0)
                    while left > 0 {
                        let count = min(batch, left)
                        try await publisher.publish(Array(repeating: message, count: count))
                        left -= count
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
