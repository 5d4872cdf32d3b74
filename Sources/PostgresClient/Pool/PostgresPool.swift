import BlockingIO
package import Logging
import Synchronization

/// A bounded number of database connections, each with a thread of its own.
///
/// Connections are made when needed and made again when they break. ``shutdown()`` has to be called before the pool
/// is let go of: it ends the threads.
package final class PostgresPool: Sendable {
    private struct State {
        var pool: PoolState
        var connections: [Int: PostgresConnection] = [:]
        var canceller: CancelThread?
        var waiters: [UInt64: CheckedContinuation<Int, any Error>] = [:]
        var nextID: UInt64 = 1
        var drainWaiters: [CheckedContinuation<Void, Never>] = []
        var waits = 0
        var waited: Duration = .zero

        mutating func makeID() -> UInt64 {
            defer { nextID += 1 }
            return nextID
        }
    }

    private let configuration: PostgresConfiguration
    private let logger: Logger?
    private let outage = PostgresOutage()
    private let route = PostgresRoute()
    private let connectionsMade = EventCount()
    private let state: Mutex<State>

    /// Makes a pool; nothing is connected yet.
    package init(configuration: PostgresConfiguration, logger: Logger? = nil) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(pool: PoolState(limit: configuration.maximumConnections)))
    }

    /// Runs synchronous work on one connection's own thread; nothing interleaves. A transaction that `body` leaves
    /// open is rolled back.
    ///
    /// Waits for a free connection, first come first served. Cancelling the task cancels the running statement and
    /// throws `.cancelled`.
    ///
    /// - Throws: what `body` throws; `.poolExhausted` if no connection was free in time; `.connectionFailed` and the
    ///   like if none could be made in time; `.shutDown`.
    package func withSession<R: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> R
    ) async throws -> R {
        guard !Task.isCancelled else { throw PostgresWire.cancelledBeforeStart }
        let deadline = ContinuousClock.now.advanced(by: configuration.acquireTimeout)
        let slot = try await acquire(until: deadline)
        defer { release(slot) }
        let (connection, lease) = try connection(for: slot)
        connection.interrupt.begin(lease: lease)
        defer { connection.interrupt.endLease() }
        return try await withTaskCancellationHandler {
            try await connection.run(until: deadline, body)
        } onCancel: {
            connection.interrupt.cancel(lease: lease)
        }
    }

    /// Runs `body` between BEGIN and COMMIT on one connection, and rolls back if it throws.
    ///
    /// After a serialization failure or a deadlock, and only then, the whole body runs again, as often as the
    /// configuration says: it must not have effects outside the database.
    ///
    /// - Throws: as ``withSession(_:)``; an error whose `mayHaveCommitted` is true leaves the outcome open.
    package func transaction<R: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> R
    ) async throws -> R {
        try await withSession { session in
            try session.transaction(body)
        }
    }

    /// Opens every connection, to be kept: where there are too few of them, it shows now and not under load.
    ///
    /// - Throws: what the first one that cannot be used throws.
    package func openAll() async throws {
        let deadline = ContinuousClock.now.advanced(by: configuration.acquireTimeout)
        var slots: [Int] = []
        defer { for slot in slots { release(slot) } }
        for _ in 0..<configuration.maximumConnections { slots.append(try await acquire(until: deadline)) }
        for slot in slots {
            let (connection, lease) = try connection(for: slot)
            connection.interrupt.begin(lease: lease)
            defer { connection.interrupt.endLease() }
            try await connection.run(until: deadline) { _ = try $0.simpleText("SELECT 1::text") }
        }
    }

    /// Refuses new callers, waits for those that hold a connection, closes everything and ends the threads.
    package func shutdown() async {
        let (refused, isDrained) = state.withLock { state in
            let (waiters, isDrained) = state.pool.shutDown()
            return (waiters.compactMap { state.waiters.removeValue(forKey: $0) }, isDrained)
        }
        for waiter in refused { waiter.resume(throwing: Self.isShutDown) }
        if !isDrained { await drain() }
        let (connections, canceller) = state.withLock { state in
            defer {
                state.connections = [:]
                state.canceller = nil
            }
            return (Array(state.connections.values), state.canceller)
        }
        for connection in connections {
            await connection.close()
            connection.stop()
        }
        canceller?.stop()
    }

    /// Callers that stand in line for a connection.
    package var waitingCallers: Int { state.withLock { $0.pool.waitingCount } }

    /// How the pool is used, and has been since it was made.
    package var use: PostgresPoolUse {
        state.withLock { state in
            PostgresPoolUse(
                busy: state.pool.lentCount, waiting: state.pool.waitingCount, waits: state.waits, waited: state.waited,
                connectionsMade: connectionsMade.value)
        }
    }

    // MARK: Slots

    private func acquire(until deadline: ContinuousClock.Instant) async throws -> Int {
        if let slot = state.withLock({ $0.pool.acquireFree() }) { return slot }
        let start = ContinuousClock.now
        defer {
            let waited = ContinuousClock.now - start
            state.withLock { state in
                state.waits += 1
                state.waited += waited
            }
        }
        return try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask { try await self.waitForSlot() }
            group.addTask {
                // Ends early when the task is cancelled, which is an end of waiting too.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            if let slot = try await group.next() ?? nil { return keep(slot, &group) }
            // Time is up or the caller has been cancelled. The slot may still come at this very moment: only the
            // waiting child knows.
            group.cancelAll()
            do {
                if let slot = try await group.next() ?? nil { return slot }
            } catch let error as PostgresError where error.code == .cancelled && !Task.isCancelled {
                throw outage.error ?? PostgresError(.poolExhausted, "no database connection was free in time")
            }
            throw PostgresWire.cancelledBeforeStart
        }
    }

    /// Ends the timer.
    private func keep(_ slot: Int, _ group: inout ThrowingTaskGroup<Int?, any Error>) -> Int {
        group.cancelAll()
        return slot
    }

    /// Waits in line; ends with `.cancelled` when the task is cancelled before a slot came.
    private func waitForSlot() async throws -> Int {
        let id = state.withLock { $0.makeID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLock { state -> Result<Int, any Error>? in
                    // Under the lock: a cancellation after this line finds the waiter registered.
                    guard !Task.isCancelled else { return .failure(Self.cancelledWhileWaiting) }
                    switch state.pool.acquire(id) {
                    case .lend(let slot): return .success(slot)
                    case .refuse: return .failure(Self.isShutDown)
                    case .wait:
                        state.waiters[id] = continuation
                        return nil
                    }
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.pool.withdraw(id) ? state.waiters.removeValue(forKey: id) : nil
            }
            waiter?.resume(throwing: Self.cancelledWhileWaiting)
        }
    }

    private func release(_ slot: Int) {
        var waiter: CheckedContinuation<Int, any Error>?
        var drained: [CheckedContinuation<Void, Never>] = []
        state.withLock { state in
            switch state.pool.release(slot) {
            case .lend(_, let id): waiter = state.waiters.removeValue(forKey: id)
            case .keep: break
            case .drained: swap(&drained, &state.drainWaiters)
            }
        }
        waiter?.resume(returning: slot)
        for waiter in drained { waiter.resume() }
    }

    private func drain() async {
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                guard state.pool.lentCount > 0 else { return true }
                state.drainWaiters.append(continuation)
                return false
            }
            if isDrained { continuation.resume() }
        }
    }

    /// The slot's connection, with its thread, made when the slot is used for the first time; and a new lease.
    private func connection(for slot: Int) throws(PostgresError) -> (PostgresConnection, lease: UInt64) {
        do {
            return try state.withLock { state in
                let lease = state.makeID()
                if let connection = state.connections[slot] { return (connection, lease) }
                let canceller = try state.canceller ?? CancelThread()
                state.canceller = canceller
                let connection = try PostgresConnection(
                    number: slot, configuration: configuration, canceller: canceller, outage: outage,
                    route: route, connectionsMade: connectionsMade, logger: logger)
                state.connections[slot] = connection
                return (connection, lease)
            }
        } catch {
            throw PostgresError(.outOfResources, "no thread for a database connection: \(error)")
        }
    }

    private static var isShutDown: PostgresError { PostgresError(.shutDown, "the pool has been shut down") }
    private static var cancelledWhileWaiting: PostgresError {
        PostgresError(.cancelled, "cancelled while waiting for a database connection")
    }
}
