import BlockingIO
import CPostgres
import Synchronization

/// The way into a connection from outside its thread: marks the current lease as cancelled, wakes the thread, and
/// has the server told to stop the running statement.
///
/// A lease is one caller's turn on the connection. A cancel for a lease that is over does nothing.
final class PostgresInterrupt: Sendable {
    private struct State {
        var lease: UInt64 = 0
        var isCancelled = false
        var isStatementRunning = false
        var key: CancelKey?
        /// Counts connections: a request to an earlier one says nothing about the present one.
        var generation = 0
        var requestsInFlight = 0
        /// A request went out that the server may only now act on.
        var isUnsettled = false
    }

    private let state = Mutex(State())
    /// Polled by the connection's thread together with its socket.
    let eventFD: EventFD
    /// PQcancel blocks: it has a thread of its own, shared by the pool's connections.
    private let canceller: CancelThread

    init(canceller: CancelThread) throws(BlockingIOError) {
        self.canceller = canceller
        eventFD = try EventFD()
    }

    /// Starts a lease: from here on its cancellation counts.
    func begin(lease: UInt64) {
        state.withLock { state in
            state.lease = lease
            state.isCancelled = false
        }
    }

    func endLease() {
        state.withLock { state in
            state.lease = 0
            state.isCancelled = false
        }
    }

    /// Cancels the lease if it is the current one. Called from any thread, never blocks.
    func cancel(lease: UInt64) {
        let isRunning = state.withLock { state -> Bool in
            guard state.lease == lease, !state.isCancelled else { return false }
            state.isCancelled = true
            eventFD.ring()
            return state.isStatementRunning
        }
        if isRunning { requestCancel(lease: lease) }
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var lease: UInt64 { state.withLock { $0.lease } }

    /// Takes over the means to cancel on a new connection; nil when the connection is gone.
    func setKey(_ key: CancelKey?) {
        state.withLock { state in
            state.key = key
            state.generation += 1
            state.requestsInFlight = 0
            state.isUnsettled = false
        }
    }

    /// Marks a statement as running, so that a cancel reaches the server; false if the lease is cancelled already.
    func beginStatement() -> Bool {
        state.withLock { state in
            guard !state.isCancelled else { return false }
            state.isStatementRunning = true
            return true
        }
    }

    func endStatement() {
        state.withLock { $0.isStatementRunning = false }
    }

    /// Asks the server to stop the running statement. A request that arrives before the statement does nothing, so
    /// the connection's thread repeats it until an answer comes.
    func requestCancel(lease: UInt64) {
        canceller.submit { [self] in
            let request = state.withLock { state -> (key: CancelKey, generation: Int)? in
                guard state.lease == lease, state.isStatementRunning, let key = state.key else { return nil }
                state.requestsInFlight += 1
                state.isUnsettled = true
                return (key, state.generation)
            }
            guard let request else { return }
            request.key.send()
            state.withLock { state in
                if state.generation == request.generation { state.requestsInFlight -= 1 }
            }
            eventFD.ring()
        }
    }

    /// Where the requests of this connection stand.
    enum CancelProgress {
        /// None went out.
        case clean
        /// One is on its way: nothing else may run on the connection yet.
        case inFlight
        /// All have reached the server, which may act on the last one late.
        case delivered
    }

    var cancelProgress: CancelProgress {
        state.withLock { state in
            if state.requestsInFlight > 0 { return .inFlight }
            return state.isUnsettled ? .delivered : .clean
        }
    }

    /// A round trip after the delivery has shown that no cancel is pending in the server.
    func settled() {
        state.withLock { $0.isUnsettled = false }
    }
}

/// libpq's handle for cancel requests.
///
/// `@unchecked Sendable`: libpq documents `PGcancel` as usable from any thread; `PQcancel` only reads it, and it is
/// freed once, in `deinit`.
final class CancelKey: @unchecked Sendable {
    private let handle: OpaquePointer

    init?(of connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Opens a connection of its own, sends the request, waits for the server to close. The result does not matter:
    /// the statement's own answer tells.
    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(handle, &message, Int32(message.count))
    }
}
