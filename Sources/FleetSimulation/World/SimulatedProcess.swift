import FleetCore
import Synchronization

/// A process of the simulated fleet: it may be stopped for a while (SIGSTOP), and end at any point (kill -9).
///
/// A killed process has no effect any more, wherever its tasks are: every wait of theirs ends, every call fails, and
/// they run out. Nothing of it is left when the simulation ends.
final class SimulatedProcess: Timekeeper {
    private struct State {
        var isAlive = true
        var timeOfDeath: Duration?
        var isStopped = false
        var waits: Set<VirtualTime.Wait> = []
        var resumption: [UnsafeContinuation<Void, Never>] = []
        /// Effects until the process is killed, and whether the last of them still happens.
        var fuse: Fuse?
        var onDeath: [@Sendable () -> Void] = []
        /// Spans in which others may rightly think it dead.
        var disturbances: [Range<Duration>] = []
    }

    /// A kill at a point between two effects.
    struct Fuse: Sendable {
        var effects: Int
        var isAfterEffect: Bool
    }

    let name: String
    let world: VirtualTime
    private let state = Mutex(State())
    private static let forever: Duration = .seconds(1_000_000_000)

    init(name: String, world: VirtualTime) {
        self.name = name
        self.world = world
    }

    var timeOfDeath: Duration? { state.withLock { $0.timeOfDeath } }
    var isAlive: Bool { state.withLock { $0.isAlive } }
    /// When it was killed, stopped, or cut off: its leases may have been taken over for a reason.
    var disturbances: [Range<Duration>] { state.withLock { $0.disturbances } }

    /// Nobody hears of it from now on, for so long.
    func disturb(for duration: Duration) {
        state.withLock { $0.disturbances.append(world.now..<world.now + duration) }
    }

    var now: Duration { world.now }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let wait = world.reserve()
        await withTaskCancellationHandler {
            await pause(wait, for: duration)
        } onCancel: {
            world.end(wait)
        }
        try Task.checkCancellation()
        guard isAlive else { throw CancellationError() }
    }

    /// Waits without regard to cancellation, and until the process is not stopped; shortened by its death.
    func pause(for duration: Duration) async {
        await pause(world.reserve(), for: duration)
    }

    private func pause(_ wait: VirtualTime.Wait, for duration: Duration) async {
        let isAlive = state.withLock { state in
            if state.isAlive { state.waits.insert(wait) }
            return state.isAlive
        }
        // A dead process's loops must not keep time from passing.
        await world.pause(wait, for: isAlive ? duration : .seconds(1))
        state.withLock { state in
            _ = state.waits.remove(wait)
        }
        await untilResumed()
    }

    private func untilResumed() async {
        guard state.withLock({ $0.isAlive && $0.isStopped }) else { return }
        await withUnsafeContinuation { continuation in
            let runs = state.withLock { state in
                if state.isAlive && state.isStopped { state.resumption.append(continuation) }
                return !(state.isAlive && state.isStopped)
            }
            if runs { continuation.resume() }
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    func resume() {
        let waiting = state.withLock { state in
            state.isStopped = false
            defer { state.resumption = [] }
            return state.resumption
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Kills the process at one of its next effects.
    func arm(_ fuse: Fuse) { state.withLock { $0.fuse = fuse } }

    /// Called around an effect: whether it is where the process dies.
    func burn(isAfterEffect: Bool) -> Bool {
        state.withLock { state in
            guard var fuse = state.fuse, fuse.isAfterEffect == isAfterEffect else { return false }
            fuse.effects -= 1
            state.fuse = fuse.effects > 0 ? fuse : nil
            return fuse.effects <= 0
        }
    }

    /// What happens when it dies, besides.
    func onDeath(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onDeath.append(action) }
    }

    func kill() {
        let (waits, actions) = state.withLock { state in
            guard state.isAlive else { return ([VirtualTime.Wait](), [@Sendable () -> Void]()) }
            state.isAlive = false
            state.timeOfDeath = world.now
            state.disturbances.append(world.now..<Self.forever)
            return (state.waits.sorted { $0.number < $1.number }, state.onDeath)
        }
        for wait in waits { world.end(wait) }
        resume()
        for action in actions { action() }
    }
}
