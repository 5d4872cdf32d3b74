import Testing

@testable import AMQPClient

@Suite struct QueueAndClockTests {
    @Test func instantsSaturateAndRoundUp() {
        let now = Instant.now
        #expect(now.advanced(by: .seconds(Int64.max)) == .distantFuture)
        #expect(now.advanced(by: .nanoseconds(1)).milliseconds(after: now) == 1)
        #expect(now.advanced(by: .milliseconds(5)).milliseconds(after: now) == 5)
        #expect(now.milliseconds(after: now.advanced(by: .seconds(1))) == 0)
    }

    @Test func messagesTheProtocolCannotCarryAreFound() {
        let long = String(repeating: "x", count: 256)
        #expect(AMQPMessage(routingKey: "q", body: []).problem(frameMax: 4096) == nil)
        #expect(AMQPMessage(routingKey: long, body: []).problem(frameMax: 4096) != nil)
        #expect(AMQPMessage(routingKey: "q", body: [], messageID: long).problem(frameMax: 4096) != nil)
        #expect(AMQPMessage(routingKey: "q", body: [], headers: [long: ""]).problem(frameMax: 4096) != nil)
        let headers = ["a": String(repeating: "x", count: 4000)]
        #expect(AMQPMessage(routingKey: "q", body: [], headers: headers).problem(frameMax: 4096) != nil)
        #expect(AMQPMessage(routingKey: "q", body: [], headers: headers).problem(frameMax: 131_072) == nil)
    }
}
