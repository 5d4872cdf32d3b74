import Foundation
import Testing

@testable import AMQPClient

@Suite(.timeLimit(.minutes(2))) struct ConsumerTests {
    @Test func rejectedMessagesComeBackMarkedAndAcknowledgedOnesDoNot() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            try await publisher.publish(messages(4, to: queue))
            _ = try await consumer.consume(queue: queue.name, prefetch: 10)
            let first = try await consumer.next(4)
            #expect(first.allSatisfy { !$0.isRedelivered })
            consumer.acknowledge([first[0].id, first[2].id])
            consumer.reject([first[1].id, first[3].id], requeue: true)
            let second = try await consumer.next(2)
            #expect(Set(second.map(\.number)) == [1, 3])
            #expect(second.allSatisfy { $0.isRedelivered })
            // Settling twice must not disturb the channel.
            consumer.acknowledge(first.map(\.id) + second.map(\.id) + second.map(\.id))
            consumer.reject(first.map(\.id), requeue: true)
            try await publisher.publish(messages(1, to: queue))
            #expect(try await consumer.next(1).first?.isRedelivered == false)
        }
    }

    @Test func deadLettersCarryTheirDeaths() async throws {
        let dead = uniqueQueue("dead")
        let queue = uniqueQueue(
            arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(dead.name)])
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue, dead])) { publisher, consumer in
            _ = try await consumer.consume(queue: queue.name, prefetch: 1)
            _ = try await consumer.consume(queue: dead.name, prefetch: 1)
            try await publisher.publish(messages(1, to: queue))
            let delivery = try #require(try await consumer.next(1).first)
            #expect(delivery.deaths.isEmpty)
            consumer.reject([delivery.id], requeue: false)
            let buried = try #require(try await consumer.next(1).first)
            #expect(buried.queue == dead.name)
            let death = try #require(buried.deaths.first)
            #expect(buried.deaths.count == 1)
            #expect(death.queue == queue.name && death.exchange == "" && death.reason == "rejected" && death.count == 1)
            // The broker's clock is this machine's.
            let now = Int(Date().timeIntervalSince1970)
            #expect(death.seconds.map { abs($0 - now) < 600 } == true)
            #expect(buried.headers["x-first-death-reason"] == "rejected")
        }
    }

    @Test func noMoreThanThePrefetchIsOutstanding() async throws {
        let queue = uniqueQueue()
        let other = uniqueQueue("other")
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue, other])) { publisher, consumer in
            try await publisher.publish(messages(50, to: queue))
            _ = try await consumer.consume(queue: queue.name, prefetch: 7)
            _ = try await consumer.consume(queue: other.name, prefetch: 1)
            let first = try await consumer.next(7)
            // The other queue's message comes behind everything that was sent before it.
            try await publisher.publish(messages(1, to: other))
            let second = try await consumer.next(1)
            #expect(first.count == 7)
            #expect(second.map(\.queue) == [other.name])
            #expect(try await publisher.declare(queue).messageCount == 43)
            consumer.acknowledge(first.prefix(3).map(\.id))
            #expect(try await consumer.next(3).map(\.number) == [7, 8, 9])
        }
    }

    @Test func afterCancelNothingMoreArrivesAndWhatArrivedCanBeSettled() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            try await publisher.publish(messages(10, to: queue))
            let tag = try await consumer.consume(queue: queue.name, prefetch: 4)
            let first = try await consumer.next(4)
            await consumer.cancel(tag)
            await consumer.cancel(tag)
            #expect(try await publisher.declare(queue) == .init(name: queue.name, messageCount: 6, consumerCount: 0))
            consumer.acknowledge(first.prefix(3).map(\.id))
            consumer.reject([first[3].id], requeue: true)
            let again = try await consumer.consume(queue: queue.name, prefetch: 20)
            let rest = try await consumer.next(7)
            #expect(Set(rest.map(\.number)) == Set(3..<10))
            #expect(rest.filter(\.isRedelivered).map(\.number) == [3])
            #expect(again != tag)
        }
    }

    @Test func manyQueuesShareAConnection() async throws {
        let queues = (0..<20).map { uniqueQueue("many\($0)") }
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: queues)) { publisher, consumer in
            for queue in queues { _ = try await consumer.consume(queue: queue.name, prefetch: 5) }
            try await publisher.publish(queues.flatMap { messages(10, to: $0) })
            var counts: [String: Int] = [:]
            while counts.values.reduce(0, +) < 200 {
                let batch = try await consumer.next(1)
                for delivery in batch { counts[delivery.queue, default: 0] += 1 }
                consumer.acknowledge(batch.map(\.id))
            }
            #expect(counts == Dictionary(uniqueKeysWithValues: queues.map { ($0.name, 10) }))
        }
    }

    @Test func aConsumerOfHigherPriorityIsServedFirst() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            try await withClients(sharedBroker()) { _, favourite in
                _ = try await consumer.consume(queue: queue.name, prefetch: 10)
                _ = try await favourite.consume(queue: queue.name, prefetch: 10, priority: 5)
                try await publisher.publish(messages(10, to: queue))
                #expect(try await favourite.next(10).count == 10)
            }
        }
    }

    @Test func aQueueDeletedUnderTheConsumerIsDeclaredAndConsumedAgain() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            _ = try await consumer.consume(queue: queue.name, prefetch: 3)
            try await publisher.publish(messages(1, to: queue))
            let old = try await consumer.next(1)
            try await publisher.delete(queue.name)
            var status = try await publisher.declare(queue)
            while status.consumerCount == 0 { status = try await publisher.declare(queue) }
            consumer.acknowledge(old.map(\.id))
            try await publisher.publish(messages(3, to: queue))
            #expect(try await consumer.next(3).map(\.number) == [0, 1, 2])
        }
    }

    @Test func consumingAQueueThatIsNotThereFailsAndLeavesOthersAlone() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            _ = try await consumer.consume(queue: queue.name, prefetch: 3)
            let error = await #expect(throws: AMQPError.self) {
                _ = try await consumer.consume(queue: "no-such-queue", prefetch: 3)
            }
            #expect(error?.code == .notFound)
            #expect(error?.replyCode == 404)
            try await publisher.publish(messages(2, to: queue))
            #expect(try await consumer.next(2).count == 2)
        }
    }
}
