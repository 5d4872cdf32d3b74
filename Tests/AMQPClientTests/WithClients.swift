import Foundation
import Logging
import TestServers
import Testing

@testable import AMQPClient

/// The shared broker of the test run.
func sharedBroker() throws -> AMQPConfiguration {
    try AMQPConfiguration(url: TestServer.broker.url())
}

/// A queue that no other test uses.
func uniqueQueue(_ test: String = #function, arguments: [String: AMQPValue] = [:]) -> AMQPQueue {
    let name = test.prefix { $0 != "(" }
    return AMQPQueue(name: "test.\(name).\(UInt64.random(in: 0...UInt64.max))", arguments: arguments)
}

/// Runs a publisher and a consumer for as long as `body` takes; deletes the queues afterwards.
func withClients(
    _ configuration: AMQPConfiguration, topology: AMQPTopology = AMQPTopology(), window: Int = 1000,
    _ body: (AMQPPublisher, AMQPConsumer) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let publisher = try AMQPPublisher(
        configuration: configuration, topology: topology, window: window, logger: logger)
    let consumer = try AMQPConsumer(configuration: configuration, topology: topology, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await publisher.run() }
        group.addTask { await consumer.run() }
        var failure: (any Error)?
        do {
            try await body(publisher, consumer)
        } catch {
            failure = error
        }
        if publisher.state == .ready {
            for queue in topology.queues { _ = try? await publisher.delete(queue.name) }
        }
        await consumer.shutdown()
        await publisher.shutdown()
        try await group.waitForAll()
        if let failure { throw failure }
    }
}

func messages(_ count: Int, to queue: AMQPQueue, size: Int = 16) -> [AMQPMessage] {
    (0..<count).map { number in
        AMQPMessage(routingKey: queue.name, body: numbered(number, size: size))
    }
}

/// A body that begins with a number.
func numbered(_ number: Int, size: Int = 16) -> [UInt8] {
    let text = Array("\(number) ".utf8)
    return text + [UInt8](repeating: UInt8(ascii: "."), count: max(0, size - text.count))
}

extension AMQPDelivery {
    var number: Int? { Int(String(decoding: body.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) }
}

extension AMQPConsumer {
    /// The next `count` deliveries; throws after `timeout`.
    func next(_ count: Int, timeout: Duration = .seconds(20)) async throws -> [AMQPDelivery] {
        var found: [AMQPDelivery] = []
        while found.count < count {
            let batch = try await withTimeout(timeout) {
                var iterator = self.deliveries.makeAsyncIterator()
                return await iterator.next()
            }
            guard let batch else { break }
            found += batch
        }
        return found
    }
}
