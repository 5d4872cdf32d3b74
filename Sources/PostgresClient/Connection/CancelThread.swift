import BlockingIO
import Synchronization

/// The thread that sends cancel requests for a pool's connections.
///
/// PQcancel makes a connection of its own and waits on it without a limit: against a frozen server it hangs, and then
/// only this thread does.
final class CancelThread: Sendable {
    private let executor: SerialThreadExecutor
    private let outstanding = Atomic(0)

    init() throws(BlockingIOError) {
        executor = try SerialThreadExecutor(name: "postgres-cancel")
    }

    func submit(_ request: @escaping @Sendable () -> Void) {
        outstanding.add(1, ordering: .sequentiallyConsistent)
        executor.submit { [self] in
            request()
            outstanding.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Ends the thread. One that hangs in a request is left behind instead of being waited for.
    func stop() {
        if outstanding.load(ordering: .sequentiallyConsistent) == 0 { executor.shutdown() }
    }
}
