import Logging
import Testing

@testable import AMQPClient

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    @Test func aTopologyThatDoesNotMatchIsNamedAndTheRestWorks() async throws {
        let queue = uniqueQueue()
        let taken = uniqueQueue("taken")
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [taken])) { owner, _ in
            try await owner.waitUntilReady()
            var other = taken
            other.arguments = ["x-max-priority": 3]
            let topology = AMQPTopology(queues: [other, queue])
            try await withClients(sharedBroker(), topology: topology) { publisher, consumer in
                var error = await #expect(throws: AMQPError.self) { try await publisher.waitUntilReady() }
                #expect(error?.code == .preconditionFailed)
                #expect(error?.message.contains(taken.name) == true)
                error = await #expect(throws: AMQPError.self) { try await consumer.waitUntilReady() }
                #expect(error?.code == .preconditionFailed)
                try await publisher.publish(messages(2, to: queue) + messages(1, to: taken))
                _ = try await consumer.consume(queue: queue.name, prefetch: 3)
                #expect(try await consumer.next(2).count == 2)
            }
        }
    }

    @Test func aDeclarationThatDoesNotMatchDisturbsNobody() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, _ in
            async let published: Void = publisher.publish(messages(2000, to: queue))
            var other = queue
            other.arguments = ["x-max-priority": 3]
            for _ in 0..<3 {
                let mismatch = other
                let error = await #expect(throws: AMQPError.self) { try await publisher.declare(mismatch) }
                #expect(error?.code == .preconditionFailed)
                #expect(error?.isRetriable == false)
            }
            try await published
            #expect(try await publisher.purge(queue.name) == 2000)
            #expect(try await publisher.delete(queue.name) == 0)
            #expect(try await publisher.delete(queue.name) == 0)
            let error = await #expect(throws: AMQPError.self) { try await publisher.purge(queue.name) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func exchangesAndBindingsAreDeclared() async throws {
        let queue = uniqueQueue()
        let exchange = AMQPExchange(name: queue.name + ".exchange", kind: "topic", isDurable: false)
        let topology = AMQPTopology(
            exchanges: [exchange], queues: [queue],
            bindings: [AMQPBinding(queue: queue.name, exchange: exchange.name, routingKey: "a.*")])
        try await withClients(sharedBroker(), topology: topology) { publisher, _ in
            try await publisher.publish([AMQPMessage(exchange: exchange.name, routingKey: "a.b", body: [1])])
            let stray = AMQPMessage(exchange: exchange.name, routingKey: "b.b", body: [1])
            let error = await #expect(throws: AMQPError.self) { try await publisher.publish([stray]) }
            #expect(error?.code == .unroutable)
        }
    }

    @Test func aWrongPasswordIsReportedAtOnceAndNotRepeated() async throws {
        var configuration = try sharedBroker()
        configuration.password = "hunter2"
        try await withClients(configuration) { publisher, consumer in
            var error = await #expect(throws: AMQPError.self) { try await publisher.waitUntilReady() }
            #expect(error?.code == .authenticationFailed)
            #expect(error?.isRetriable == false)
            #expect(error?.description.contains("hunter2") == false)
            error = await #expect(throws: AMQPError.self) { try await consumer.waitUntilReady() }
            #expect(error?.code == .authenticationFailed)
            let message = AMQPMessage(routingKey: "x", body: [])
            error = await #expect(throws: AMQPError.self) {
                try await publisher.publish([message], timeout: .milliseconds(300))
            }
            #expect(error?.code == .authenticationFailed)
        }
    }

    @Test func anUnknownVirtualHostIsReported() async throws {
        var configuration = try sharedBroker()
        configuration.virtualHost = "no-such-host"
        try await withClients(configuration) { publisher, _ in
            let error = await #expect(throws: AMQPError.self) { try await publisher.waitUntilReady() }
            #expect(error?.code == .notFound)
        }
    }

    @Test func aClosedPortIsReportedWhenTheTimeIsUp() async throws {
        var configuration = AMQPConfiguration(port: 1)
        configuration.requestTimeout = .milliseconds(300)
        try await withClients(configuration) { publisher, consumer in
            var error = await #expect(throws: AMQPError.self) {
                try await publisher.waitUntilReady(timeout: .milliseconds(300))
            }
            #expect(error?.code == .connectionRefused)
            #expect(error?.isRetriable == true)
            let batch = [AMQPMessage](repeating: AMQPMessage(routingKey: "x", body: []), count: 3)
            error = await #expect(throws: AMQPError.self) {
                try await publisher.publish(batch, timeout: .milliseconds(300))
            }
            #expect(error?.code == .connectionRefused)
            #expect(error?.failedIndices == [0, 1, 2])
            error = await #expect(throws: AMQPError.self) { try await publisher.declare(AMQPQueue(name: "x")) }
            #expect(error?.code == .connectionRefused)
            error = await #expect(throws: AMQPError.self) {
                _ = try await consumer.consume(queue: "x", prefetch: 1)
            }
            #expect(error?.code == .connectionRefused)
        }
    }

    @Test func shutdownResumesEverybody() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let publisher = try AMQPPublisher(configuration: AMQPConfiguration(port: 1), logger: logger)
        let consumer = try AMQPConsumer(configuration: AMQPConfiguration(port: 1), logger: logger)
        let states = publisher.states
        try await withThrowingTaskGroup(of: AMQPError.Code?.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    await #expect(throws: AMQPError.self) {
                        try await publisher.publish([AMQPMessage(routingKey: "x", body: [])])
                    }?.code
                }
                group.addTask {
                    await #expect(throws: AMQPError.self) {
                        _ = try await consumer.consume(queue: "x", prefetch: 1)
                    }?.code
                }
                group.addTask {
                    await #expect(throws: AMQPError.self) { try await publisher.declare(AMQPQueue(name: "x")) }?.code
                }
                group.addTask { await #expect(throws: AMQPError.self) { try await consumer.waitUntilReady() }?.code }
            }
            group.addTask {
                await withTaskGroup(of: Void.self) { running in
                    running.addTask { await publisher.run() }
                    running.addTask { await consumer.run() }
                }
                return .closed
            }
            _ = try await states.first { $0 != .connecting(nil) }
            await publisher.shutdown()
            await consumer.shutdown()
            for try await code in group { #expect(code == .closed) }
        }
        #expect(publisher.state == .closed)
        for await _ in consumer.deliveries { Issue.record("a delivery out of nothing") }
        await publisher.shutdown()
        await publisher.run()
        let error = await #expect(throws: AMQPError.self) { try await publisher.purge("x") }
        #expect(error?.code == .closed)
    }

    @Test func cancellingTheRunningTaskShutsDown() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let publisher = try AMQPPublisher(configuration: sharedBroker(), logger: logger)
        let running = Task { await publisher.run() }
        try await publisher.waitUntilReady()
        running.cancel()
        await running.value
        #expect(publisher.state == .closed)
    }

    @Test func acknowledgementsMadeBeforeShutdownCount() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, _ in
            try await publisher.publish(messages(100, to: queue))
            try await withClients(sharedBroker()) { _, consumer in
                _ = try await consumer.consume(queue: queue.name, prefetch: 100)
                consumer.acknowledge(try await consumer.next(100).prefix(60).map(\.id))
            }
            // The broker requeues behind the close that the client waited for.
            var status = try await publisher.declare(queue)
            while status.consumerCount > 0 || status.messageCount < 40 { status = try await publisher.declare(queue) }
            #expect(status.messageCount == 40)
        }
    }
}
