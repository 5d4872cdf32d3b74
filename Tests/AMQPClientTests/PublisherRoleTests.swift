import Testing

@testable import AMQPClient

@Suite struct PublisherRoleTests {
    /// Without a connection nobody takes from the queue: what has been given up must not stay in it.
    @Test func anExpiredRequestIsForgottenWithoutABroker() async {
        var role = PublisherRole(topology: AMQPTopology(), window: 10)
        weak var kept: PublishRequest?
        let result: Result<Void, AMQPError> = await withCheckedContinuation { continuation in
            let request = PublishRequest([AMQPMessage(routingKey: "q", body: [1])], deadline: .now)
            kept = request
            role.handle(.publish(request, continuation))
            role.expire(.now, cause: AMQPError(.timedOut, "the broker is away"))
        }
        #expect(throws: AMQPError.self) { try result.get() }
        #expect(kept == nil)
    }
}
