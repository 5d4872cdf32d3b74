import BlockingIO
import Dispatch
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct SerialThreadExecutorTests {
    private actor Owner {
        private let executor: SerialThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ executor: SerialThreadExecutor) { self.executor = executor }

        func thread() -> pthread_t { pthread_self() }
    }

    /// What jobs did, in order, and on which threads.
    private final class Trace: Sendable {
        private let entries = Mutex<[(number: Int, thread: pthread_t)]>([])

        func add(_ number: Int) { entries.withLock { $0.append((number, pthread_self())) } }
        var numbers: [Int] { entries.withLock { $0.map(\.number) } }
        var threads: Set<pthread_t> { entries.withLock { Set($0.map(\.thread)) } }
    }

    @Test func jobsRunInOrderOnOneThreadOfItsOwn() throws {
        let (executor, trace) = (try SerialThreadExecutor(name: "test"), Trace())
        for number in 0..<100 { executor.submit { trace.add(number) } }
        executor.shutdown()
        #expect(trace.numbers == Array(0..<100))
        #expect(trace.threads.count == 1)
        #expect(!trace.threads.contains(pthread_self()))
    }

    @Test func anActorsCallsAndClosuresShareTheThread() async throws {
        let (executor, trace) = (try SerialThreadExecutor(name: "test"), Trace())
        let owner = Owner(executor)
        let thread = await owner.thread()
        executor.submit {
            // Traps if the executor does not know its thread.
            owner.assumeIsolated { _ in trace.add(1) }
        }
        executor.shutdown()
        #expect(trace.threads == [thread])
    }

    @Test func shutdownRunsWhatWaits() throws {
        let (executor, trace, closed) = (try SerialThreadExecutor(name: "test"), Trace(), DispatchSemaphore(value: 0))
        executor.submit {
            // These wait behind the job that shuts down, which must not wait for its own thread.
            for number in 0..<10 { executor.submit { trace.add(number) } }
            executor.shutdown()
            trace.add(-1)
            closed.signal()
        }
        closed.wait()
        executor.shutdown()
        executor.shutdown()
        #expect(trace.numbers == [-1] + Array(0..<10))
        #expect(trace.threads.count == 1)
    }

    @Test func aJobAfterShutdownRunsAtOnceOnItsCallersThread() throws {
        let (executor, trace) = (try SerialThreadExecutor(name: "test"), Trace())
        executor.shutdown()
        executor.submit { trace.add(1) }
        #expect(trace.numbers == [1])
        #expect(trace.threads == [pthread_self()])
    }

    @Test func aCallToAnActorAfterShutdownIsAnswered() async throws {
        let executor = try SerialThreadExecutor(name: "test")
        let owner = Owner(executor)
        let before = await owner.thread()
        executor.shutdown()
        #expect(await owner.thread() != before)
    }

    /// One actor's jobs on two threads at once would be a data race.
    @Test func aJobAfterShutdownDoesNotRunBesideThoseThatWereThere() throws {
        let (executor, trace) = (try SerialThreadExecutor(name: "test"), Trace())
        let (closed, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        executor.submit {
            executor.shutdown()
            closed.signal()
            goOn.wait()
            trace.add(1)
        }
        closed.wait()
        executor.submit { trace.add(2) }
        goOn.signal()
        executor.shutdown()
        #expect(trace.numbers == [1, 2])
    }
}
