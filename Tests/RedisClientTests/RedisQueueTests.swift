import Testing

@testable import RedisClient

struct RedisQueueTests {
    @Test func threadIsToldOnceUntilItHasFoundTheQueueEmpty() {
        var queue = RedisQueue<Int>(limit: 10)
        #expect(queue.add(1) == .startDraining)
        #expect(queue.add(2) == .queued)
        #expect(queue.take() == [1, 2])
        #expect(queue.add(3) == .queued)
        #expect(queue.take() == [3])
        #expect(queue.take() == nil)
        #expect(queue.add(4) == .startDraining)
    }

    @Test func fullQueueRefuses() {
        var queue = RedisQueue<Int>(limit: 2)
        _ = queue.add(1)
        _ = queue.add(2)
        #expect(queue.add(3) == .full)
        #expect(queue.take() == [1, 2])
        #expect(queue.add(4) == .queued)
    }

    @Test func shutDownRefusesTheNewAndKeepsTheWaiting() {
        var queue = RedisQueue<Int>(limit: 2)
        _ = queue.add(1)
        queue.shutDown()
        #expect(queue.add(2) == .shutDown)
        #expect(queue.take() == [1])
    }
}
