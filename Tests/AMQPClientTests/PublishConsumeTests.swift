import Testing

@testable import AMQPClient

@Suite(.timeLimit(.minutes(2))) struct PublishConsumeTests {
    @Test func highPriorityOvertakes() async throws {
        let queue = uniqueQueue(arguments: ["x-max-priority": 5])
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            let priorities: [UInt8] = [1, 5, 3, 0, 5, 2, 4, 1]
            try await publisher.publish(
                priorities.enumerated().map { index, priority in
                    AMQPMessage(routingKey: queue.name, body: numbered(index), priority: priority)
                })
            _ = try await consumer.consume(queue: queue.name, prefetch: 10)
            let deliveries = try await consumer.next(priorities.count)
            #expect(deliveries.map(\.priority) == [5, 5, 4, 3, 2, 1, 1, 0])
            #expect(deliveries.map(\.number) == [1, 4, 6, 2, 5, 0, 7, 3])
            consumer.acknowledge(deliveries.map(\.id))
        }
    }

    @Test func propertiesAndBodiesOfAnySizeComeBackAsTheyWere() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            _ = try await consumer.consume(queue: queue.name, prefetch: 0)
            for size in [0, 1, 131_064, 131_065, 1_000_000] {
                let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                try await publisher.publish([
                    AMQPMessage(
                        routingKey: queue.name, body: body, priority: 3, contentType: "application/json",
                        headers: ["trace": "abc", "leer": "", "größe": "\(size)"], messageID: "id-\(size)")
                ])
                let delivery = try #require(try await consumer.next(1).first)
                #expect(delivery.body == body)
                #expect(delivery.headers == ["trace": "abc", "leer": "", "größe": "\(size)"])
                #expect(delivery.messageID == "id-\(size)")
                #expect(delivery.priority == 3)
                #expect(delivery.queue == queue.name)
                #expect(!delivery.isRedelivered)
                consumer.acknowledge([delivery.id])
            }
        }
    }

    @Test func batchOfFiveThousandIsConfirmedAndArrivesInOrder() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, consumer in
            try await publisher.publish(messages(5000, to: queue))
            #expect(try await publisher.declare(queue).messageCount == 5000)
            _ = try await consumer.consume(queue: queue.name, prefetch: 500)
            var numbers: [Int?] = []
            while numbers.count < 5000 {
                let batch = try await consumer.next(1)
                numbers += batch.map(\.number)
                consumer.acknowledge(batch.map(\.id))
            }
            #expect(numbers == Array(0..<5000))
        }
    }

    @Test func aThousandTasksPublishAtOnce() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue]), window: 50) { publisher, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await publisher.publish([
                            AMQPMessage(routingKey: queue.name, body: numbered(number))
                        ])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await publisher.declare(queue).messageCount == 1000)
        }
    }

    @Test func unroutableMessagesAreNamedAndTheOthersArrive() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, _ in
            var batch = messages(300, to: queue)
            for index in [0, 7, 150, 299] { batch[index].routingKey = "nowhere-\(index)" }
            batch[200].routingKey = "nowhere"
            batch[200].isMandatory = false
            let sent = batch
            let error = await #expect(throws: AMQPError.self) { try await publisher.publish(sent) }
            #expect(error?.code == .unroutable)
            #expect(error?.replyCode == 312)
            #expect(error?.failedIndices == [0, 7, 150, 299])
            let status = try await publisher.declare(queue)
            #expect(status.messageCount == 295)
        }
    }

    @Test func aMessageTheBrokerCannotTakeFailsAloneAndSoonWithManyInFlight() async throws {
        let queue = uniqueQueue()
        try await withClients(sharedBroker(), topology: AMQPTopology(queues: [queue])) { publisher, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await publisher.publish(messages(5, to: queue)) }
                    guard number % 40 == 20 else { continue }
                    group.addTask {
                        let poison = AMQPMessage(exchange: "no-such-exchange", routingKey: "x", body: [])
                        let batch = messages(2, to: queue) + [poison]
                        let error = await #expect(throws: AMQPError.self) { try await publisher.publish(batch) }
                        #expect(error?.code == .notFound)
                        #expect(error?.failedIndices == [2])
                    }
                }
                try await group.waitForAll()
            }
            // At least once: what the broken channel left unconfirmed was sent again.
            let status = try await publisher.declare(queue)
            #expect(status.messageCount >= 504)
        }
    }

    @Test func messagesThatCannotBeEncodedAreRefusedBeforehand() async throws {
        try await withClients(sharedBroker()) { publisher, _ in
            let message = AMQPMessage(routingKey: String(repeating: "x", count: 300), body: [])
            let error = await #expect(throws: AMQPError.self) { try await publisher.publish([message]) }
            #expect(error?.code == .invalidArgument)
            try await publisher.publish([])
        }
    }

    @Test func aCancelledTaskStopsWaiting() async throws {
        let configuration = AMQPConfiguration(port: 1)
        try await withClients(configuration) { publisher, _ in
            let message = AMQPMessage(routingKey: "x", body: [])
            for isEarly in [true, false] {
                let waiting = Task {
                    if isEarly { withUnsafeCurrentTask { $0?.cancel() } }
                    try await publisher.publish([message])
                }
                if !isEarly { waiting.cancel() }
                let error = await #expect(throws: AMQPError.self) { try await waiting.value }
                #expect(error?.code == .cancelled)
                #expect(error?.failedIndices == [0])
            }
        }
    }
}
