import AsyncPrimitives
import Testing

@Suite(.timeLimit(.minutes(1))) struct AsyncLockTests {
    /// Leaves the caller's thread and comes back.
    private actor Elsewhere {
        func visit() {}
    }

    @Test func callersGetItOneAfterAnotherInOrder() async {
        let (executor, lock, record) = (SteppedExecutor(), AsyncLock(), Record<Int>())
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<5 {
                group.addTask(executorPreference: executor) {
                    await lock.lock()
                    record.add(caller)
                }
                executor.drain()
            }
            for holder in 0..<5 {
                #expect(record.all == Array(0...holder))
                lock.unlock()
                executor.drain()
            }
        }
        #expect(record.all == [0, 1, 2, 3, 4])
    }

    @Test func onceFreeItIsTakenWithoutWaiting() async {
        let (executor, lock, record) = (SteppedExecutor(), AsyncLock(), Record<Int>())
        for _ in 0..<2 {
            await lock.lock()
            lock.unlock()
        }
        await lock.lock()
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) {
                await lock.lock()
                record.add(1)
            }
            executor.drain()
            // Two calls of unlock before it would have made it free twice.
            #expect(record.all == [])
            lock.unlock()
            executor.drain()
        }
        #expect(record.all == [1])
    }

    @Test func aCancelledCallerKeepsItsPlace() async {
        let (executor, lock, record) = (SteppedExecutor(), AsyncLock(), Record<Int>())
        await lock.lock()
        await withTaskGroup(of: Void.self) { group in
            for caller in 1...2 {
                group.addTask(executorPreference: executor) {
                    await lock.lock()
                    record.add(caller)
                    lock.unlock()
                }
                executor.drain()
            }
            group.cancelAll()
            executor.drain()
            #expect(record.all == [])
            lock.unlock()
            executor.drain()
        }
        #expect(record.all == [1, 2])
    }

    /// On threads, with suspensions in between: a counter that only the lock protects.
    @Test func nobodyElseIsInsideAcrossSuspensions() async {
        let (lock, inside) = (AsyncLock(), Record<Int>())
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<200 {
                group.addTask {
                    await lock.lock()
                    inside.add(caller)
                    await Elsewhere().visit()
                    inside.add(caller)
                    lock.unlock()
                }
            }
        }
        let entries = inside.all
        #expect(entries.count == 400)
        #expect(stride(from: 0, to: 400, by: 2).allSatisfy { entries[$0] == entries[$0 + 1] })
    }
}
