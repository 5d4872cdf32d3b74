import AMQPClient
import FleetBus
import FleetCore
import Foundation
import Logging
import Synchronization
import TestServers
import Testing

@testable import FleetSimulation

/// What scheduler and workers count on from a broker, asked of RabbitMQ and of the simulated one alike.
@Suite(.timeLimit(.minutes(1))) struct TicketConformanceTests {
    /// A publisher, and consumers that come and go.
    struct Broker: Sendable {
        var publisher: any TicketPublisher
        /// A consumer with a prefetch, and how its connection ends.
        var connect: @Sendable (Int) async throws -> (source: any TicketSource, disconnect: @Sendable () async -> Void)
    }

    private static let type = "data_scientist"

    private static func ticket(_ id: Int, _ priority: Priority = .medium) -> Ticket {
        Ticket(
            stepID: id, taskID: "task_\(id)", subtaskID: nil, agentType: type, attempt: 0, priority: priority)
    }

    /// Collects deliveries until there are so many.
    private static func receive(
        _ count: Int, from source: any TicketSource
    ) async throws -> [(id: Int, ticket: ReceivedTicket)] {
        var received: [(Int, ReceivedTicket)] = []
        for await batch in source.tickets {
            received += batch.map { (Ticket.stepID(in: $0.body) ?? 0, $0) }
            if received.count >= count { break }
        }
        return received
    }

    static let behaviour: @Sendable (Broker) async throws -> Void = { broker in
        // More urgent tickets overtake those that wait.
        let ids = [(1, Priority.low), (2, .medium), (3, .urgent), (4, .high), (5, .urgent)]
        let refused = await broker.publisher.publish(ids.map { ticket($0.0, $0.1) })
        #expect(refused.isEmpty)
        #expect(try await broker.publisher.queueDepths()[type] == 5)
        let first = try await broker.connect(2)
        await first.source.setConsuming(.all)
        // No more than the prefetch until something is acknowledged.
        let urgent = try await receive(2, from: first.source)
        #expect(urgent.map(\.id) == [3, 5])
        #expect(urgent.map(\.ticket.isRedelivered) == [false, false])
        #expect(try await broker.publisher.queueDepths()[type] == 3)

        // Acknowledged is gone; what was not comes back, marked, when the connection ends.
        first.source.acknowledge([urgent[0].ticket.delivery])
        let next = try await receive(1, from: first.source)
        #expect(next.map(\.id) == [4])
        await first.disconnect()
        let second = try await broker.connect(10)
        await second.source.setConsuming(.all)
        let rest = try await receive(4, from: second.source)
        #expect(rest.map(\.id).sorted() == [1, 2, 4, 5])
        for (id, ticket) in rest { #expect(ticket.isRedelivered == (id == 4 || id == 5), "\(id)") }

        // Given back is delivered again.
        second.source.requeue([rest[0].ticket.delivery])
        let again = try await receive(1, from: second.source)
        #expect(again.map(\.id) == [rest[0].id])
        #expect(again.map(\.ticket.isRedelivered) == [true])
        second.source.acknowledge(rest.dropFirst().map(\.ticket.delivery) + again.map(\.ticket.delivery))

        // Who has stopped consuming gets nothing; what an earlier connection delivered cannot be acknowledged any more.
        await second.source.setConsuming(.none)
        var traced = ticket(6)
        traced.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        _ = await broker.publisher.publish([traced])
        second.source.acknowledge([urgent[1].ticket.delivery])
        #expect(try await broker.publisher.queueDepths()[type] == 1)
        await second.source.setConsuming(.all)
        let last = try await receive(1, from: second.source)
        #expect(last.map(\.id) == [6])
        // What a ticket says of its trace goes with it.
        #expect(last.map(\.ticket.traceparent) == [traced.traceparent])
        #expect(rest.allSatisfy { $0.ticket.traceparent == nil })
        second.source.acknowledge(last.map(\.ticket.delivery))
        await second.disconnect()
    }

    private final class Outcome: Sendable {
        let result = Mutex<Result<Void, any Error>?>(nil)
    }

    @Test func theSimulatedBrokerBehaves() async throws {
        let world = VirtualTime(seed: 1)
        let dice = Dice(seed: 1)
        let server = SimulatedServer(.broker, latency: .milliseconds(1)...(.milliseconds(2)))
        let broker = SimulatedBroker(world: world, server: server, dice: dice, acknowledgesAtOnce: false)
        @Sendable func link() -> NetworkPath {
            NetworkPath(from: SimulatedProcess(name: "test", world: world), to: server, dice: dice)
        }
        let ports = Broker(
            publisher: SimulatedTicketPublisher(broker: broker, link: link(), agentTypes: [Self.type]),
            connect: { prefetch in
                let link = link()
                let source = SimulatedTicketSource(
                    broker: broker, link: link, queues: [Self.type], prefetch: prefetch, world: world, dice: dice)
                return (source, { broker.removeConsumer(source.consumer) })
            })
        let outcome = Outcome()
        Task(executorPreference: world) {
            do {
                try await Self.behaviour(ports)
                outcome.result.withLock { $0 = .success(()) }
            } catch {
                outcome.result.withLock { $0 = .failure(error) }
            }
        }
        #expect(world.run(until: { outcome.result.withLock { $0 != nil } }, limit: .seconds(60)))
        try outcome.result.withLock { $0 }?.get()
    }

    @Test func rabbitMQBehaves() async throws {
        let configuration = try AMQPConfiguration(url: TestServer.broker.url())
        let topology = FleetTopology.topology(agentTypes: [Self.type])
        let publisher = try AMQPPublisher(
            configuration: configuration, topology: topology, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await publisher.run() }
            try await publisher.waitUntilReady()
            let ports = Broker(
                publisher: AMQPTicketPublisher(publisher: publisher, agentTypes: [Self.type]),
                connect: { prefetch in
                    let consumer = try AMQPConsumer(
                        configuration: configuration, topology: topology, logger: Logger(label: "test"))
                    let source = AMQPTicketSource(
                        consumer: consumer, queues: [FleetTopology.ticketQueue(Self.type)],
                        prefetch: UInt16(prefetch))
                    let running = Task {
                        await withTaskGroup(of: Void.self) { group in
                            group.addTask { await consumer.run() }
                            group.addTask { await source.run() }
                        }
                    }
                    try await consumer.waitUntilReady()
                    return (
                        source,
                        {
                            await consumer.shutdown()
                            await running.value
                        }
                    )
                })
            try await Self.behaviour(ports)
            await publisher.shutdown()
        }
    }
}
