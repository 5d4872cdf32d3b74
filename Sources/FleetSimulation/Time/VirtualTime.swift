import FleetCore
import FleetTesting
import HeapModule
import Synchronization

/// One thread on which a whole fleet runs in virtual time.
///
/// Every task of a simulation runs here, one job after another; which of the runnable jobs comes next is drawn from the
/// seed, so that another seed is another interleaving and the same seed is the same one. Time stands still while there
/// is anything to run and then jumps to the next moment that somebody waits for.
package final class VirtualTime: TaskExecutor, Timekeeper {
    /// Names a wait, so that it can be ended early.
    struct Wait: Hashable {
        let number: Int
    }

    private enum Waiter {
        case task(UnsafeContinuation<Void, Never>)
        case action(@Sendable () -> Void)
    }

    private struct State {
        var now: Duration = .zero
        var jobs: [UnownedJob] = []
        var waits: [Int: Waiter] = [:]
        var schedule = Heap<Moment>()
        var nextWait = 0
        var generator: SeededGenerator
    }

    /// First come, first served among equals.
    private struct Moment: Comparable {
        var due: Duration
        var number: Int

        static func < (left: Moment, right: Moment) -> Bool {
            left.due != right.due ? left.due < right.due : left.number < right.number
        }
    }

    private let state: Mutex<State>

    /// - Parameter seed: decides the order of jobs that could run at the same moment.
    package init(seed: UInt64) {
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
    }

    /// Keeps the job for ``run(until:limit:)``; the seed decides when its turn comes.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    /// Starts a task of this world. It ends by itself, or is left behind where it waits when the simulation is over.
    func start(_ operation: @escaping @Sendable () async -> Void) {
        Task(executorPreference: self, operation: operation)
    }

    /// Since the start of the simulation; running jobs takes no time.
    package var now: Duration { state.withLock { $0.now } }

    /// Throws at once if the task is cancelled; cancellation ends the wait.
    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let wait = reserve()
        await withTaskCancellationHandler {
            await suspend(wait, for: duration)
        } onCancel: {
            end(wait)
        }
        try Task.checkCancellation()
    }

    /// Waits whether or not the task is cancelled; ``end(_:)`` ends the wait early.
    func pause(_ wait: Wait, for duration: Duration) async {
        await suspend(wait, for: duration)
    }

    /// Names a wait that will begin.
    func reserve() -> Wait {
        state.withLock { state in
            state.nextWait += 1
            return Wait(number: state.nextWait)
        }
    }

    /// Runs an action later.
    func after(_ duration: Duration, _ action: @escaping @Sendable () -> Void) {
        let wait = reserve()
        state.withLock { state in
            state.waits[wait.number] = .action(action)
            state.schedule.insert(Moment(due: state.now + max(.zero, duration), number: wait.number))
        }
    }

    /// Ends a wait now; one that is over, or not begun, is left alone.
    func end(_ wait: Wait) {
        let waiter = state.withLock { $0.waits.removeValue(forKey: wait.number) }
        if case .task(let continuation)? = waiter { continuation.resume() }
    }

    private func suspend(_ wait: Wait, for duration: Duration) async {
        await withUnsafeContinuation { continuation in
            state.withLock { state in
                state.waits[wait.number] = .task(continuation)
                state.schedule.insert(Moment(due: state.now + max(.zero, duration), number: wait.number))
            }
        }
    }

    /// Runs jobs and lets time pass until the condition holds, nothing is left to wait for, or the limit is reached.
    ///
    /// - Returns: whether the condition holds.
    @discardableResult
    package func run(until isDone: () -> Bool, limit: Duration) -> Bool {
        while true {
            while let job = nextJob() {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            if isDone() { return true }
            guard let waiter = nextWaiter(limit: limit) else { return false }
            switch waiter {
            case .task(let continuation): continuation.resume()
            case .action(let action): action()
            }
        }
    }

    private func nextJob() -> UnownedJob? {
        state.withLock { state in
            guard !state.jobs.isEmpty else { return nil }
            let index = Int.random(in: 0..<state.jobs.count, using: &state.generator)
            state.jobs.swapAt(index, state.jobs.count - 1)
            return state.jobs.removeLast()
        }
    }

    /// Moves time to the next wait that nobody has ended.
    private func nextWaiter(limit: Duration) -> Waiter? {
        state.withLock { state in
            while let moment = state.schedule.min, moment.due <= limit {
                state.schedule.removeMin()
                guard let waiter = state.waits.removeValue(forKey: moment.number) else { continue }
                state.now = max(state.now, moment.due)
                return waiter
            }
            return nil
        }
    }
}
