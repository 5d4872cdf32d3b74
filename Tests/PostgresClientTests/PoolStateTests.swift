import Testing

@testable import PostgresClient

struct PoolStateTests {
    @Test func slotsAreOpenedUpToTheLimit() {
        var pool = PoolState(limit: 2)
        #expect(pool.acquire(1) == .lend(0))
        #expect(pool.acquire(2) == .lend(1))
        #expect(pool.acquire(3) == .wait)
        #expect(pool.acquireFree() == nil)
        #expect(pool.lentCount == 2)
    }

    @Test func mostRecentlyUsedSlotIsLentFirst() {
        var pool = PoolState(limit: 3)
        for waiter in 1...3 { _ = pool.acquire(UInt64(waiter)) }
        #expect(pool.release(0) == .keep)
        #expect(pool.release(2) == .keep)
        #expect(pool.acquire(4) == .lend(2))
        #expect(pool.acquire(5) == .lend(0))
    }

    @Test func waitersAreServedInOrderOfArrival() {
        var pool = PoolState(limit: 1)
        _ = pool.acquire(1)
        for waiter in 2...200 { #expect(pool.acquire(UInt64(waiter)) == .wait) }
        for waiter in 2...200 { #expect(pool.release(0) == .lend(0, to: UInt64(waiter))) }
        #expect(pool.release(0) == .keep)
        #expect(pool.waitingCount == 0)
    }

    @Test func withdrawnWaiterIsPassedOver() {
        var pool = PoolState(limit: 1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.acquire(3)
        let withdrawals = [pool.withdraw(2), pool.withdraw(2)]
        #expect(withdrawals == [true, false])
        #expect(pool.release(0) == .lend(0, to: 3))
        let isTooLate = !pool.withdraw(3)
        #expect(isTooLate)
    }

    @Test func slotReturnedTwiceIsFreeOnce() {
        var pool = PoolState(limit: 2)
        _ = pool.acquire(1)
        #expect(pool.release(0) == .keep)
        #expect(pool.release(0) == .keep)
        #expect(pool.acquire(2) == .lend(0))
        #expect(pool.acquire(3) == .lend(1))
    }

    @Test func shutDownRefusesWaitersAndDrainsTheLent() {
        var pool = PoolState(limit: 1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.acquire(3)
        let (refused, isDrained) = pool.shutDown()
        #expect(refused == [2, 3])
        #expect(!isDrained)
        #expect(pool.acquire(4) == .refuse)
        #expect(pool.acquireFree() == nil)
        #expect(pool.release(0) == .drained)
    }

    @Test func idlePoolIsDrainedAtOnce() {
        var pool = PoolState(limit: 1)
        let (_, isDrained) = pool.shutDown()
        #expect(isDrained)
    }
}
