import Synchronization

/// Opens once; everybody who waits goes on, and whoever comes later does not wait.
package final class OneShot: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var isOpen: Bool { state.withLock { $0.isOpen } }

    package func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for wake in waiters { wake() }
    }

    /// Returns when it opens, even if the task is cancelled before.
    package func wait() async {
        await withCheckedContinuation { continuation in
            if !willWake({ continuation.resume() }) { continuation.resume() }
        }
    }

    /// Returns when it opens or the task is cancelled.
    package func waitUnlessCancelled() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        guard willWake({ continuation.finish() }) else { return }
        for await _ in stream {}
    }

    /// Returns when it opens, the time is over or the task is cancelled.
    package func wait(atMost limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { await self.waitUnlessCancelled() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    /// False if it is open already.
    private func willWake(_ wake: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if !state.isOpen { state.waiters.append(wake) }
            return !state.isOpen
        }
    }
}
