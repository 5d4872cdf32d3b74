import Testing

@testable import AMQPClient

/// What goes over the line, and what happens when it breaks or stalls.
@Suite(.timeLimit(.minutes(2))) struct RelayTests {
    @Test(arguments: [1, 10, 200]) func neverMoreThanTheWindowIsUnconfirmed(window: Int) async throws {
        let queue = uniqueQueue()
        try await withRelay { relay, configuration in
            try await withClients(configuration, topology: AMQPTopology(queues: [queue]), window: window) {
                publisher, _ in
                try await publisher.publish(messages(1500, to: queue))
                #expect(relay.published == 1500)
                #expect(relay.mostUnconfirmed <= window)
                #expect(relay.mostUnconfirmed >= min(window, 2))
            }
        }
    }

    @Test func nothingIsLostWhenTheLineBreaksAgainAndAgain() async throws {
        let queue = uniqueQueue()
        try await withRelay { relay, configuration in
            try await withClients(configuration, topology: AMQPTopology(queues: [queue]), window: 100) {
                publisher, consumer in
                _ = try await consumer.consume(queue: queue.name, prefetch: 100)
                for round in 0..<5 {
                    relay.cut(afterPublishes: 130 + 40 * round)
                    try await publisher.publish(messages(500, to: queue))
                    var numbers: Set<Int> = []
                    while numbers.count < 500 {
                        let batch = try await consumer.next(1)
                        numbers.formUnion(batch.compactMap(\.number))
                        consumer.acknowledge(batch.map(\.id))
                    }
                    #expect(relay.published > 500 * (round + 1))
                }
            }
        }
    }

    @Test func aLineThatTakesNothingMoreKeepsDeadlinesAndIsGivenUp() async throws {
        let queue = uniqueQueue()
        try await withRelay { relay, configuration in
            var configuration = configuration
            configuration.heartbeat = .seconds(2)
            try await withClients(configuration, topology: AMQPTopology(queues: [queue])) { publisher, _ in
                try await publisher.waitUntilReady()
                let states = publisher.states
                relay.stall()
                let batch = messages(1000, to: queue, size: 60_000)
                let error = await #expect(throws: AMQPError.self) {
                    try await publisher.publish(batch, timeout: .seconds(1))
                }
                #expect(error?.code == .timedOut)
                #expect(error?.failedIndices.count == 1000)
                // The caller's deadline, not the loss of the connection, has ended it.
                #expect(publisher.state == .ready)
                _ = try await states.first(within: .seconds(15)) {
                    if case .connecting(_?) = $0 { true } else { false }
                }
            }
        }
    }

    private func withRelay(_ body: (Relay, AMQPConfiguration) async throws -> Void) async throws {
        var configuration = try sharedBroker()
        let relay = Relay(to: configuration.port)
        defer { relay.close() }
        configuration.host = "127.0.0.1"
        configuration.port = relay.port
        try await body(relay, configuration)
    }
}
