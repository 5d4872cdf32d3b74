import Testing

@testable import AMQPClient

@Suite struct QueueAndClockTests {
    @Test func aQueueKeepsItsOrderUnderEveryOperation() {
        var random = SplitMix(seed: 7)
        var queue = FIFO<Int>()
        var model: [Int] = []
        for number in 0..<50_000 {
            switch Int.random(in: 0..<21, using: &random) {
            case 0..<11:
                queue.append(number)
                model.append(number)
            case 11..<20:
                guard !model.isEmpty else { continue }
                #expect(queue.first == model.first)
                queue.removeFirst()
                model.removeFirst()
            default:
                queue.prepend([number, -number])
                model.insert(contentsOf: [number, -number], at: 0)
            }
            #expect(queue.count == model.count)
        }
        #expect(Array(queue.elements) == model)
    }

    @Test func pausesDoubleUpToASecondAndStartAgain() {
        var backoff = Backoff()
        for ceiling in [50, 100, 200, 400, 800, 1000, 1000, 1000] {
            let pause = backoff.next()
            #expect((ceiling / 2...ceiling).contains(pause))
        }
        backoff.reset()
        let first = backoff.next()
        #expect((25...50).contains(first))
    }

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
