import AMQPClient
import BrokerRelay
import FleetCore
import Logging
import TestServers
import Testing

@testable import FleetBus

/// The fleet's own topology on the brokers that people have, with what an earlier version left there.
@Suite(.timeLimit(.minutes(1))) struct BrokerKindsTests {
    private static let types = ["manager", "data_scientist", "legal"]

    private static func ticket(_ id: Int, _ type: String) -> Ticket {
        Ticket(stepID: id, taskID: "task_\(id)", subtaskID: nil, agentType: type, attempt: 0, priority: .medium)
    }

    private struct Fleet {
        let publisher: AMQPPublisher
        let tickets: AMQPTicketPublisher
        let consumer: AMQPConsumer
        let source: AMQPTicketSource
        let nudges: AMQPConsumer
        let sender: AMQPSchedulerNudger

        /// Publishes a ticket of each type; the types that came through, and those refused.
        func pass() async throws -> (arrived: Set<String>, refused: Set<String>) {
            let all = types.enumerated().map { ticket($0.offset + 1, $0.element) }
            let refused = Set(await tickets.publish(all))
            var arrived: Set<String> = []
            var reader = source.tickets.makeAsyncIterator()
            while arrived.count < all.count - refused.count, let batch = await reader.next() {
                source.acknowledge(batch.map(\.delivery))
                for ticket in batch { arrived.insert(String(ticket.queue.dropFirst("agent.".count))) }
            }
            return (arrived, Set(all.filter { refused.contains($0.stepID) }.map(\.agentType)))
        }
    }

    /// A scheduler's and a worker's connections, as the processes compose them.
    private static func withFleet(
        _ url: String, _ body: (Fleet) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let configuration = try AMQPConfiguration(url: url)
        let topology = FleetTopology.topology(agentTypes: types)
        let publisher = try AMQPPublisher(configuration: configuration, topology: topology, logger: logger)
        let wake = try AMQPPublisher(
            configuration: configuration, topology: FleetTopology.wakeTopology, logger: logger)
        let consumer = try AMQPConsumer(configuration: configuration, topology: topology, logger: logger)
        let nudges = try AMQPConsumer(
            configuration: configuration, topology: FleetTopology.listenerTopology, logger: logger)
        let fleet = Fleet(
            publisher: publisher, tickets: AMQPTicketPublisher(publisher: publisher, agentTypes: types),
            consumer: consumer,
            source: AMQPTicketSource(consumer: consumer, queues: types.map(FleetTopology.ticketQueue), prefetch: 10),
            nudges: nudges, sender: AMQPSchedulerNudger(publisher: wake))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for run in [publisher.run, wake.run, consumer.run, nudges.run, fleet.source.run, fleet.sender.run] {
                group.addTask { await run() }
            }
            try await withResource(
                fleet,
                close: { fleet in
                    fleet.sender.finish()
                    await wake.shutdown()
                    await nudges.shutdown()
                    await consumer.shutdown()
                    await publisher.shutdown()
                },
                body: { fleet in
                    for client in [publisher, wake] { try? await client.waitUntilReady(timeout: .seconds(10)) }
                    for client in [consumer, nudges] { try? await client.waitUntilReady(timeout: .seconds(10)) }
                    await fleet.source.setConsuming(.all)
                    try await body(fleet)
                })
        }
    }

    /// Everything works: tickets of all types, depths, dead letters, nudges.
    private static func checkAll(_ fleet: Fleet) async throws {
        #expect(fleet.publisher.health.refusals.isEmpty)
        #expect(fleet.consumer.health.refusals.isEmpty)
        #expect(try await fleet.pass().arrived == Set(types))
        #expect(try await fleet.tickets.queueDepths() == ["manager": 0, "data_scientist": 0, "legal": 0])
        _ = await fleet.tickets.publish([ticket(9, "legal")])
        var reader = fleet.source.tickets.makeAsyncIterator()
        let batch = try #require(await reader.next())
        fleet.source.reject(batch.map(\.delivery))
        _ = try await fleet.consumer.consume(queue: FleetTopology.deadQueue("legal"), prefetch: 1)
        let dead = try #require(await reader.next()?.first)
        #expect(dead.queue == "agent.legal.dead")
        #expect(dead.deaths.map(\.queue) == ["agent.legal"])
        #expect(dead.deaths.map(\.reason) == ["rejected"] && dead.deaths.map(\.count) == [1])
        #expect(dead.deaths.first?.at != nil)
        let tag = try await fleet.nudges.consume(queue: "fleet.wake", prefetch: 10)
        fleet.sender.wakeScheduler()
        var nudges = fleet.nudges.deliveries.makeAsyncIterator()
        #expect(await nudges.next()?.count == 1)
        await fleet.nudges.cancel(tag)
    }

    @Test func rabbitMQ310() async throws {
        try await BrokerSite.with { site in
            try await Self.withFleet(site.url()) { try await Self.checkAll($0) }
            let queues = try await site.queues()
            #expect(queues.count == 7)
            #expect(queues.values.allSatisfy { $0.durable && $0.type == "classic" })
        }
    }

    @Test func rabbitMQ43RefusesNothing() async throws {
        try await BrokerSite.with { site in
            let relay = try BrokerRelay(to: { site.brokerPort }, like: .rabbitMQ43)
            defer { relay.close() }
            try await Self.withFleet(site.url(port: relay.port)) { try await Self.checkAll($0) }
            #expect(relay.refusals == 0)
            #expect(relay.globalLimits == 0)
        }
    }

    @Test func aVirtualHostWithQuorumAsDefault() async throws {
        try await BrokerSite.with(defaultQueueType: "quorum") { site in
            try await site.makeQueue("probe")
            #expect(try await site.queues()["probe"]?.type == "quorum")
            try await Self.withFleet(site.url()) { try await Self.checkAll($0) }
            #expect(try await site.queues().values.filter { $0.type == "quorum" }.map(\.name) == ["probe"])
        }
    }

    /// What version 0 left: no types said, nudges not durable; with quorum as default its dead letters were quorum queues.
    @Test(arguments: [nil, "quorum"]) func whatAnEarlierVersionLeftIsUsed(defaultType: String?) async throws {
        try await BrokerSite.with(defaultQueueType: defaultType) { site in
            for type in Self.types {
                try await site.makeQueue("agent.\(type).dead")
                guard defaultType == nil else { continue }
                try await site.makeQueue(
                    "agent.\(type)",
                    arguments: [
                        "x-max-priority": 5, "x-dead-letter-exchange": "fleet.dead",
                        "x-dead-letter-routing-key": "agent.\(type)",
                    ])
            }
            try await site.makeQueue(
                "fleet.wake", isDurable: false, arguments: ["x-max-length": 100, "x-overflow": "drop-head"])
            try await Self.withFleet(site.url()) { try await Self.checkAll($0) }
            let queues = try await site.queues()
            #expect(queues["agent.legal.dead"]?.type == defaultType ?? "classic")
            // Replaced, nobody used it any more.
            #expect(queues["fleet.wake"]?.durable == true)
        }
    }

    @Test func anAbsentQueueStopsItsOwnTypeOnly() async throws {
        try await BrokerSite.with { site in
            var broker = BrokerLike()
            broker.absentQueues = ["agent.legal"]
            let relay = try BrokerRelay(to: { site.brokerPort }, like: broker)
            defer { relay.close() }
            try await Self.withFleet(site.url(port: relay.port)) { fleet in
                let pass = try await fleet.pass()
                #expect(pass.arrived == ["manager", "data_scientist"])
                #expect(pass.refused == ["legal"])
                #expect(try await fleet.tickets.queueDepths() == ["manager": 0, "data_scientist": 0])
                let trouble = try #require(
                    BrokerTrouble(
                        fleet.publisher.health, fleet.publisher.advice,
                        queues: Self.types.map(FleetTopology.ticketQueue)))
                #expect(!trouble.stopsEverything)
                #expect(trouble.words.hasPrefix("queue 'agent.legal': NOT_FOUND - home node 'rabbit@away'"))
                #expect(
                    BrokerTrouble(fleet.consumer.health, fleet.consumer.advice, queues: ["agent.legal"])?
                        .stopsEverything == true)

                // The node is back: seconds later all is well, without a new connection.
                let connections = relay.connections
                relay.become(BrokerLike())
                while try await fleet.tickets.queueDepths().count < 3 { try await Task.sleep(for: .milliseconds(20)) }
                while !fleet.consumer.health.refusals.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
                await fleet.source.setConsuming(.all)
                #expect(try await fleet.pass().arrived == Set(Self.types))
                #expect(relay.connections == connections)
            }
        }
    }

    @Test func aQueueThatIsFullRefusesItsOwnTicketsOnly() async throws {
        try await BrokerSite.with { site in
            try await site.request(
                "PUT", "policies/\(site.name)/tight",
                [
                    "pattern": "^agent.legal$", "apply-to": "queues",
                    "definition": ["max-length": 0, "overflow": "reject-publish"],
                ])
            try await Self.withFleet(site.url()) { fleet in
                let pass = try await fleet.pass()
                #expect(pass.arrived == ["manager", "data_scientist"])
                #expect(pass.refused == ["legal"])
            }
        }
    }

    @Test func whoeverListensIsFoundAndTold() async throws {
        try await BrokerSite.with { site in
            try await Self.withFleet(site.url()) { fleet in
                #expect(await fleet.tickets.hasListeners() == false)
                let ears = try AMQPConsumer(
                    configuration: try AMQPConfiguration(url: site.url()),
                    topology: AMQPTopology(
                        exchanges: [AMQPExchange(name: "fleet.events", kind: "topic")],
                        queues: [AMQPQueue(name: "ears", isDurable: true, arguments: ["x-queue-type": "classic"])],
                        bindings: [AMQPBinding(queue: "ears", exchange: "fleet.events", routingKey: "task.#")]),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await ears.run() }
                    try await withResource(
                        ears, close: { await $0.shutdown() }, body: { try await Self.listen(fleet, $0) })
                }
            }
        }
    }

    private static func listen(_ fleet: Fleet, _ ears: AMQPConsumer) async throws {
        try await ears.waitUntilReady(timeout: .seconds(10))
        #expect(await fleet.tickets.hasListeners() == true)
        let events = [TaskEvent.status(.inProgress, progress: 5), TaskEvent.status(.inProgress, progress: 10)]
        #expect(await fleet.tickets.announce([EventBatch(taskID: "task_1", after: 4, time: 0, events: events)]))
        _ = try await ears.consume(queue: "ears", prefetch: 10)
        var bodies: [String] = []
        var reader = ears.deliveries.makeAsyncIterator()
        while bodies.count < 2, let batch = await reader.next() {
            bodies += batch.map { String(decoding: $0.body, as: UTF8.self) }
        }
        #expect(bodies.first == "[]", "the question")
        #expect(
            bodies.last == """
                [{"type":"task_status_update","task_id":"task_1","seq":5,"timestamp":"1970-01-01T00:00:00Z",\
                "status":"in_progress","progress":5},{"type":"task_status_update","task_id":"task_1","seq":6,\
                "timestamp":"1970-01-01T00:00:00Z","status":"in_progress","progress":10}]
                """)
    }

    @Test func eventsThatTheBrokerDoesNotWantDisturbNoTickets() async throws {
        try await BrokerSite.with { site in
            try await site.permit(write: "^(amq.default|agent\\..*|fleet\\.dead|fleet\\.wake)$")
            try await Self.withFleet(site.url()) { fleet in
                for round in 1...3 {
                    let events = [TaskEvent("task_status_update")]
                    _ = await fleet.tickets.announce([EventBatch(taskID: "task_1", after: 0, time: 0, events: events)])
                    let arrived = try await fleet.pass().arrived
                    #expect(arrived == Set(Self.types), "round \(round)")
                }
                #expect(fleet.publisher.health.refusals.map(\.subject) == [.publishing("fleet.events")])
            }
        }
    }
}
