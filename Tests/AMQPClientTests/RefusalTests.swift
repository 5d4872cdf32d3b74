import BrokerRelay
import TestServers
import Testing

@testable import AMQPClient

/// What the broker refuses is told, keeps nothing else from working, and is asked for again.
@Suite(.timeLimit(.minutes(1))) struct RefusalTests {
    private static let work = AMQPQueue(name: "work", arguments: ["x-queue-type": "classic", "x-max-priority": 5])
    private static let other = AMQPQueue(name: "other", arguments: ["x-queue-type": "classic"])
    private static let topology = AMQPTopology(
        exchanges: [AMQPExchange(name: "dead")], queues: [work, other],
        bindings: [AMQPBinding(queue: "other", exchange: "dead", routingKey: "work")])

    @Test func aQueueMadeByHandIsUsedAndToldWithTheArgument() async throws {
        try await BrokerSite.with { site in
            try await site.makeQueue("work", arguments: ["x-max-priority": 9])
            try await withClients(AMQPConfiguration(url: site.url()), topology: Self.topology) { publisher, consumer in
                let refusals = try await publisher.refusals(where: { !$0.isEmpty })
                #expect(refusals.map(\.subject) == [.queue("work")])
                #expect(refusals.map(\.isUsable) == [true])
                #expect(refusals[0].error.message.contains("x-max-priority"))
                #expect(publisher.advice.line(refusals)?.contains("rabbitmqctl delete_queue") == true)
                try await publisher.publish(messages(1, to: Self.work) + messages(2, to: Self.other))
                #expect(try await publisher.declare(Self.work).messageCount == 1)
                _ = try await consumer.consume(queue: "work", prefetch: 1)
                #expect(try await consumer.next(1).count == 1)
            }
        }
    }

    @Test func aQueueThatCannotBeHadComesBackByItself() async throws {
        try await BrokerSite.with { site in
            let configuration = try AMQPConfiguration(url: site.url())
            var owned = Self.work
            owned.isExclusive = true
            owned.isDurable = false
            try await withClients(configuration) { owner, _ in
                try await owner.declare(owned)
                try await withClients(configuration, topology: Self.topology) { publisher, consumer in
                    let refusals = try await publisher.refusals(where: { !$0.isEmpty })
                    #expect(refusals.map(\.subject) == [.queue("work")])
                    #expect(refusals.map(\.error.code) == [.resourceLocked])
                    let error = await #expect(throws: AMQPError.self) {
                        try await consumer.consume(queue: "work", prefetch: 1)
                    }
                    #expect(error?.code == .resourceLocked)
                    _ = try await consumer.consume(queue: "other", prefetch: 1)
                    try await publisher.publish(messages(1, to: Self.other))
                    #expect(try await consumer.next(1).count == 1)

                    await owner.shutdown()
                    _ = try await publisher.refusals(where: \.isEmpty)
                    try await publisher.publish(messages(1, to: Self.work))
                    _ = try await consumer.refusals(where: \.isEmpty)
                    _ = try await consumer.consume(queue: "work", prefetch: 1)
                    #expect(try await consumer.next(1).map(\.queue) == ["work"])
                }
            }
        }
    }

    @Test func aUserWhoMayNotConfigureUsesWhatIsThere() async throws {
        try await BrokerSite.with { site in
            let configuration = try AMQPConfiguration(url: site.url())
            try await withClients(configuration, topology: Self.topology) { _, ready in
                try await ready.waitUntilReady()
                try await site.permit(configure: "^$")
                try await withClients(configuration, topology: Self.topology) { publisher, consumer in
                    try await publisher.waitUntilReady()
                    try await consumer.waitUntilReady()
                    #expect(publisher.health.refusals.isEmpty)
                    #expect(try await publisher.declare(Self.work).messageCount == 0)
                    _ = try await consumer.consume(queue: "work", prefetch: 1)
                    try await publisher.publish(messages(1, to: Self.work))
                    #expect(try await consumer.next(1).count == 1)
                }
            }
        }
    }

    @Test func missingRightsAreToldEachAndMendedWhileRunning() async throws {
        try await BrokerSite.with { site in
            try await site.permit(configure: "^$")
            try await withClients(AMQPConfiguration(url: site.url()), topology: Self.topology) { publisher, consumer in
                var refusals = try await publisher.refusals(where: { !$0.isEmpty })
                #expect(refusals.map(\.subject).prefix(2) == [.queue("other"), .queue("work")])
                #expect(refusals.allSatisfy { $0.error.code == .accessRefused })
                #expect(publisher.advice.line(refusals)?.contains("set_permissions -p '\(site.name)'") == true)

                // Nothing may be written: the topology is made now, publishing is refused.
                try await site.permit(write: "^(dead|other|work)$")
                _ = try await publisher.refusals(where: \.isEmpty)
                _ = try await consumer.refusals(where: \.isEmpty)
                let error = await #expect(throws: AMQPError.self) {
                    try await publisher.publish(messages(50, to: Self.work))
                }
                #expect(error?.code == .accessRefused)
                #expect(error?.failedIndices.count == 50)
                refusals = try await publisher.refusals(where: { !$0.isEmpty })
                #expect(refusals.map(\.subject) == [.publishing("")])
                #expect(refusals.first?.error.message.contains("amq.default") == true)

                try await site.permit(read: "^other$")
                try await publisher.publish(messages(1, to: Self.work))
                _ = try await publisher.refusals(where: \.isEmpty)
                await #expect(throws: AMQPError.self) { try await consumer.consume(queue: "work", prefetch: 1) }
                refusals = try await consumer.refusals(where: { !$0.isEmpty })
                #expect(refusals.map(\.subject) == [.consuming("work")])
                _ = try await consumer.consume(queue: "other", prefetch: 1)
            }
        }
    }

    @Test(arguments: [AMQPQueue.Difference.adopt, .replaceUnused])
    func aTransientQueueOfBeforeIsUsedOrReplaced(difference: AMQPQueue.Difference) async throws {
        try await BrokerSite.with { site in
            try await site.makeQueue("wake", isDurable: false)
            let configuration = try AMQPConfiguration(url: site.url())
            let queue = AMQPQueue(name: "wake", arguments: ["x-queue-type": "classic"], ifDifferent: difference)
            let topology = AMQPTopology(queues: [queue])
            // While somebody consumes it nobody takes it away.
            try await withClients(configuration) { _, old in
                let tag = try await old.consume(queue: "wake", prefetch: 1)
                try await withClients(configuration, topology: topology) { new, _ in
                    try await new.waitUntilReady()
                    #expect(new.health.refusals.isEmpty)
                    try await new.publish(messages(1, to: queue))
                    #expect(try await old.next(1).count == 1)
                    #expect(try await site.queues()["wake"]?.durable == false)
                    await old.cancel(tag)
                    try await withClients(configuration, topology: topology) { newest, other in
                        try await newest.waitUntilReady()
                        // The one may take away what the other has just made, if both met the queue of before.
                        try await other.waitUntilReady()
                        #expect(newest.health.refusals.isEmpty)
                        try await newest.publish(messages(1, to: queue))
                        #expect(try await site.queues()["wake"]?.durable == (difference == .replaceUnused))
                    }
                }
            }
        }
    }

    @Test func typesSaidAndNotSaidAreTheSameInBothOrders() async throws {
        try await BrokerSite.with { site in
            let configuration = try AMQPConfiguration(url: site.url())
            var plain = Self.work
            plain.arguments["x-queue-type"] = nil
            var named = Self.other
            named.name = "named"
            var unnamed = named
            unnamed.arguments = [:]
            try await withClients(configuration, topology: AMQPTopology(queues: [plain, named])) { _, old in
                try await old.waitUntilReady()
                try await withClients(configuration, topology: AMQPTopology(queues: [Self.work, unnamed])) { new, _ in
                    try await new.waitUntilReady()
                    #expect(new.health.refusals.isEmpty)
                }
            }
        }
    }

    @Test func aConnectionEndedOverOneQueueLeavesTheOthers() async throws {
        try await BrokerSite.with { site in
            let relay = try BrokerRelay(to: { site.brokerPort }, like: .rabbitMQ43)
            defer { relay.close() }
            let configuration = try AMQPConfiguration(url: site.url(port: relay.port))
            let transient = AMQPQueue(name: "shared", isDurable: false)
            let topology = AMQPTopology(queues: [transient, Self.other])
            try await withClients(configuration, topology: topology) { publisher, consumer in
                let refusals = try await publisher.refusals(where: { !$0.isEmpty })
                #expect(refusals.map(\.subject) == [.queue("shared")])
                #expect(refusals[0].error.replyCode == 541)
                #expect(refusals[0].error.message.contains("transient_nonexcl_queues"))
                try await publisher.publish(messages(1, to: Self.other))
                _ = try await consumer.consume(queue: "other", prefetch: 1)
                #expect(try await consumer.next(1).count == 1)
                let error = await #expect(throws: AMQPError.self) { try await publisher.declare(transient) }
                #expect(error?.replyCode == 541)
                try await publisher.publish(messages(1, to: Self.other))
                // Twice each, to be sure; then never again for a while.
                #expect(relay.refusals == 4)
                #expect(publisher.state == .ready)
            }
            // One that is not in the topology ends its connection once, and its caller does not wait for the timeout.
            try await withClients(configuration, topology: AMQPTopology(queues: [Self.other])) { publisher, _ in
                let error = await #expect(throws: AMQPError.self) { try await publisher.declare(transient) }
                #expect(error?.replyCode == 541)
                try await publisher.publish(messages(1, to: Self.other))
                #expect(relay.refusals == 5)
            }
        }
    }

    @Test func anAbsentNodesQueueIsToldAndComesBack() async throws {
        try await BrokerSite.with { site in
            var broker = BrokerLike()
            broker.absentQueues = ["work"]
            let relay = try BrokerRelay(to: { site.brokerPort }, like: broker)
            defer { relay.close() }
            let configuration = try AMQPConfiguration(url: site.url(port: relay.port))
            try await withClients(configuration, topology: Self.topology) { publisher, consumer in
                let refusals = try await publisher.refusals(where: { !$0.isEmpty })
                #expect(refusals.map(\.subject) == [.queue("work")])
                #expect(refusals.map(\.error.code) == [.unavailable])
                let error = await #expect(throws: AMQPError.self) {
                    try await publisher.publish(messages(1, to: Self.work) + messages(1, to: Self.other))
                }
                #expect(error?.code == .unroutable)
                #expect(error?.failedIndices == [0])
                _ = try await consumer.consume(queue: "other", prefetch: 2)
                #expect(try await consumer.next(1).map(\.queue) == ["other"])

                relay.become(BrokerLike())
                _ = try await publisher.refusals(where: \.isEmpty)
                try await publisher.publish(messages(1, to: Self.work))
            }
        }
    }

    @Test func aVirtualHostThatIsNotToBeHadIsSpokenOfAtWarning() async throws {
        try await BrokerSite.with { site in
            let log = LogLines()
            let configuration = try AMQPConfiguration(url: site.url(virtualHost: "no-such-host"))
            let publisher = try AMQPPublisher(configuration: configuration, logger: log.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await publisher.run() }
                let line = try await log.first { $0.contains("still no connection") }
                #expect(line.hasPrefix("warning"))
                #expect(line.contains("not found") && line.contains("rabbitmqctl add_vhost 'no-such-host'"))
                #expect(!line.contains(":\(site.name)@"))
                #expect(publisher.health.outage?.attempts ?? 0 >= 3)
                #expect(publisher.health.outage?.error.code == .notFound)
                #expect(log.count { $0.hasPrefix("warning") } == 1)
                await publisher.shutdown()
            }
        }
    }
}

extension AMQPPublisher {
    func refusals(where isMeant: @escaping @Sendable ([AMQPRefusal]) -> Bool) async throws -> [AMQPRefusal] {
        try await AMQPClientTests.refusals({ self.health.refusals }, where: isMeant)
    }
}

extension AMQPConsumer {
    func refusals(where isMeant: @escaping @Sendable ([AMQPRefusal]) -> Bool) async throws -> [AMQPRefusal] {
        try await AMQPClientTests.refusals({ self.health.refusals }, where: isMeant)
    }
}

/// Nobody tells of a change but the health itself.
private func refusals(
    _ read: @escaping @Sendable () -> [AMQPRefusal], where isMeant: @escaping @Sendable ([AMQPRefusal]) -> Bool
) async throws -> [AMQPRefusal] {
    try await withTimeout(.seconds(20)) {
        while true {
            let refusals = read()
            if isMeant(refusals) { return refusals }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
