import Foundation
import Testing

@testable import AMQPClient

/// A broker that dies, forgets, freezes or runs out of memory. One at a time: each starts a broker of its own.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RecoveryTests {
    @Test func whatWasUnconfirmedIsPublishedAgainAfterTheBrokerWasKilled() async throws {
        try await PrivateBroker.with { broker in
            let queue = AMQPQueue(name: "work")
            let topology = AMQPTopology(queues: [queue])
            try await withClients(broker.configuration(), topology: topology) { publisher, consumer in
                try await publisher.waitUntilReady()
                _ = try await consumer.consume(queue: queue.name, prefetch: 50)
                let lost = publisher.states
                async let published: Void = publisher.publish(messages(20_000, to: queue), timeout: .seconds(90))
                let first = try await consumer.next(50)
                await broker.kill()
                _ = try await lost.first { if case .connecting(_?) = $0 { true } else { false } }
                consumer.acknowledge(first.map(\.id))
                try await broker.start()
                // The pauses between attempts to connect are short, however long the broker was away.
                try await publisher.waitUntilReady(timeout: .seconds(5))
                try await consumer.waitUntilReady(timeout: .seconds(5))
                // The old connection's deliveries are void: they come again, and nothing confirmed is missing.
                var numbers: Set<Int> = []
                while numbers.count < 20_000 {
                    let batch = try await consumer.next(1, timeout: .seconds(30))
                    numbers.formUnion(batch.compactMap(\.number))
                    consumer.acknowledge(first.map(\.id) + batch.map(\.id))
                }
                try await published
            }
        }
    }

    @Test func aBrokerThatLostItsDataGetsTheTopologyBack() async throws {
        try await PrivateBroker.with { broker in
            let queue = AMQPQueue(name: "work", arguments: ["x-max-priority": 5])
            let exchange = AMQPExchange(name: "events", kind: "fanout")
            let topology = AMQPTopology(
                exchanges: [exchange], queues: [queue],
                bindings: [AMQPBinding(queue: queue.name, exchange: exchange.name, routingKey: "")])
            try await withClients(broker.configuration(), topology: topology) { publisher, consumer in
                _ = try await consumer.consume(queue: queue.name, prefetch: 5)
                try await publisher.publish([AMQPMessage(exchange: "events", routingKey: "", body: [1])])
                let old = try await consumer.next(1)
                let lost = publisher.states
                await broker.kill()
                try broker.wipe()
                _ = try await lost.first { if case .connecting(_?) = $0 { true } else { false } }
                async let published: Void = publisher.publish(
                    [AMQPMessage(exchange: "events", routingKey: "", body: [2])], timeout: .seconds(60))
                try await broker.start()
                try await published
                consumer.acknowledge(old.map(\.id))
                let new = try await consumer.next(1)
                #expect(new.map(\.body) == [[2]])
                consumer.acknowledge(new.map(\.id))
            }
        }
    }

    @Test func aFrozenBrokerIsNoticedByItsSilence() async throws {
        try await PrivateBroker.with { broker in
            let queue = AMQPQueue(name: "work")
            let topology = AMQPTopology(queues: [queue])
            var configuration = try broker.configuration(heartbeat: 1)
            configuration.connectTimeout = .seconds(1)
            try await withClients(configuration, topology: topology) { publisher, consumer in
                _ = try await consumer.consume(queue: queue.name, prefetch: 5)
                try await publisher.waitUntilReady()
                let (publisherStates, consumerStates) = (publisher.states, consumer.states)
                broker.freeze()
                // More than the socket takes, so that the owner thread meets a full one.
                async let published: Void = publisher.publish(
                    messages(500, to: queue, size: 100_000), timeout: .seconds(60))
                _ = try await publisherStates.first { if case .connecting(_?) = $0 { true } else { false } }
                _ = try await consumerStates.first { if case .connecting(_?) = $0 { true } else { false } }
                let message = AMQPMessage(routingKey: queue.name, body: [])
                let error = await #expect(throws: AMQPError.self) {
                    try await publisher.publish([message], timeout: .milliseconds(500))
                }
                #expect(error?.isRetriable == true)
                broker.thaw()
                try await published
                var numbers: Set<Int> = []
                while numbers.count < 500 {
                    let batch = try await consumer.next(1)
                    numbers.formUnion(batch.compactMap(\.number))
                    consumer.acknowledge(batch.map(\.id))
                }
            }
        }
    }

    @Test func anAlarmBlocksPublishesAndNothingElse() async throws {
        try await PrivateBroker.with { broker in
            let queue = AMQPQueue(name: "work")
            let topology = AMQPTopology(queues: [queue])
            var configuration = try broker.configuration(heartbeat: 2)
            configuration.requestTimeout = .seconds(1)
            try await withClients(configuration, topology: topology) { publisher, consumer in
                try await publisher.publish(messages(10, to: queue))
                _ = try await consumer.consume(queue: queue.name, prefetch: 4)
                let states = publisher.states
                try await broker.control(["set_vm_memory_high_watermark", "0"])
                let batch = messages(5, to: queue)
                var error = await #expect(throws: AMQPError.self) {
                    try await publisher.publish(batch, timeout: .seconds(1))
                }
                #expect(error?.code == .blocked)
                #expect(error?.failedIndices == [0, 1, 2, 3, 4])
                let blocked = try await states.first { if case .blocked = $0 { true } else { false } }
                #expect(blocked == .blocked(reason: "low on memory"))
                error = await #expect(throws: AMQPError.self) { try await publisher.declare(queue) }
                #expect(error?.code == .blocked)
                // Consuming goes on, and the blocked connection outlives several heartbeats.
                var count = 0
                while count < 10 {
                    let batch = try await consumer.next(1)
                    count += batch.count
                    consumer.acknowledge(batch.map(\.id))
                }
                async let published: Void = publisher.publish(messages(5, to: queue), timeout: .seconds(60))
                let unblocked = publisher.states
                await #expect(throws: TestTimeout.self) {
                    _ = try await publisher.states.first(within: .seconds(6)) { $0 != blocked }
                }
                try await broker.control(["set_vm_memory_high_watermark", "0.4"])
                _ = try await unblocked.first { $0 == .ready }
                try await published
                try await publisher.publish(messages(5, to: queue))
            }
        }
    }

    @Test func encryptedConnectionsCheckTheCertificate() async throws {
        func settings(_ directory: URL) throws -> String {
            try Certificates.create(in: directory)
            return """
                listeners.ssl.default = 127.0.0.1:TLS_PORT
                ssl_options.cacertfile = \(directory.path)/ca.pem
                ssl_options.certfile = \(directory.path)/server.pem
                ssl_options.keyfile = \(directory.path)/server.key
                ssl_options.verify = verify_peer
                ssl_options.fail_if_no_peer_cert = true
                """
        }
        try await PrivateBroker.with(settings) { broker in
            let files = broker.directory.path
            let identity = "certfile=\(files)/client.pem&keyfile=\(files)/client.key"
            let address = "amqps://localhost:\(broker.tlsPort)/?\(identity)&cacertfile=\(files)"
            let queue = AMQPQueue(name: "work")
            let topology = AMQPTopology(queues: [queue])
            try await withClients(AMQPConfiguration(url: address + "/ca.pem"), topology: topology) {
                publisher, consumer in
                try await publisher.publish(messages(3000, to: queue, size: 2000), timeout: .seconds(60))
                _ = try await consumer.consume(queue: queue.name, prefetch: 0)
                var deliveries: [AMQPDelivery] = []
                while deliveries.count < 3000 { deliveries += try await consumer.next(1) }
                #expect(deliveries.map(\.number) == Array(0..<3000))
            }
            // Another authority; the right one for another name; no certificate of our own.
            for url in [
                address + "/other.pem", (address + "/ca.pem").replacing("localhost", with: "127.0.0.1"),
            ] {
                try await withClients(AMQPConfiguration(url: url)) { publisher, _ in
                    let error = await #expect(throws: AMQPError.self) { try await publisher.waitUntilReady() }
                    #expect(error?.code == .tls)
                }
            }
            let anonymous = "amqps://localhost:\(broker.tlsPort)/?verify=verify_none"
            try await withClients(AMQPConfiguration(url: anonymous)) { publisher, _ in
                await #expect(throws: AMQPError.self) { try await publisher.waitUntilReady(timeout: .seconds(2)) }
            }
        }
    }
}
