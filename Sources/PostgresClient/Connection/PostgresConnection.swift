import BlockingIO
import CPostgres
import Logging
import Synchronization

/// A pool slot: a thread, and the connection that lives on it, made when it is needed and again when it broke.
actor PostgresConnection {
    private nonisolated let executor: SerialThreadExecutor
    nonisolated let interrupt: PostgresInterrupt
    private let configuration: PostgresConfiguration
    private let outage: PostgresOutage
    private let route: PostgresRoute
    private let connectionsMade: EventCount
    private let logger: Logger?
    private var wire: PostgresWire?
    private var reconnectPause = ReconnectPause()
    private var nextAttempt = Deadline(.now)
    private var isFirstAttempt = true

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        number: Int, configuration: PostgresConfiguration, canceller: CancelThread,
        outage: PostgresOutage, route: PostgresRoute, connectionsMade: EventCount, logger: Logger?
    ) throws(BlockingIOError) {
        executor = try SerialThreadExecutor(name: "postgres-\(number)")
        interrupt = try PostgresInterrupt(canceller: canceller)
        self.configuration = configuration
        self.outage = outage
        self.route = route
        self.connectionsMade = connectionsMade
        self.logger = logger
    }

    /// Runs `body` as one job of the thread. The caller holds the slot.
    ///
    /// - Parameter deadline: until when a connection is tried for.
    func run<Result: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: @Sendable (PostgresSession) throws -> Result
    ) throws -> Result {
        let wire = try connectedWire(until: Deadline(deadline))
        let session = PostgresSession(
            wire, statementTimeout: configuration.statementTimeout,
            conflictRetries: configuration.transactionRetries, gate: configuration.statementGate)
        defer { handBack(session) }
        return try body(session)
    }

    /// Closes the connection. The thread ends with ``stop()``.
    func close() {
        drop()
    }

    /// Ends the thread; nothing may be running.
    nonisolated func stop() {
        executor.shutdown()
    }

    /// The present connection, or a new one. The first try comes at once, later ones with growing pauses.
    private func connectedWire(until deadline: Deadline) throws(PostgresError) -> PostgresWire {
        if let wire {
            if wire.generation == route.generation {
                if wire.isAliveWhileIdle() { return wire }
                logger?.info("database connection was closed while idle")
            }
            drop()
        }
        var lastError: PostgresError?
        while true {
            try pause(until: nextAttempt, but: deadline, lastError)
            do throws(PostgresError) {
                let wire = try PostgresWire.connect(
                    configuration, route: route, interrupt: interrupt, until: deadline)
                reconnectPause.reset()
                connectionsMade.add()
                nextAttempt = Deadline(.now)
                outage.error = nil
                if !isFirstAttempt { logger?.info("database connection made again") }
                isFirstAttempt = false
                self.wire = wire
                return wire
            } catch {
                interrupt.setKey(nil)
                guard error.code != .cancelled else { throw error }
                nextAttempt = Deadline(after: reconnectPause.next())
                outage.error = error
                guard error.isRetriable, !deadline.hasPassed else { throw error }
                logger?.debug("database connection failed", metadata: ["error": "\(error)"])
                lastError = error
            }
        }
    }

    private func pause(
        until next: Deadline, but deadline: Deadline, _ lastError: PostgresError?
    ) throws(PostgresError) {
        while !next.hasPassed {
            guard !interrupt.isCancelled else { throw PostgresError(.cancelled, "cancelled while connecting") }
            if deadline.hasPassed {
                throw lastError ?? outage.error ?? PostgresError(.connectionFailed, "the database cannot be reached")
            }
            _ = SocketWait.poll(-1, 0, interrupt.eventFD, until: next.earlier(of: deadline))
            interrupt.eventFD.clear()
        }
    }

    /// Leaves the connection as the next caller expects it, or drops it.
    private func handBack(_ session: PostgresSession) {
        defer { session.invalidate() }
        let wire = session.wire
        do throws(PostgresError) {
            try wire.settleCancellation()
            if !wire.isBroken, !wire.isIdle {
                logger?.debug("transaction left open; rolled back")
                try session.rollback()
            }
            if session.hasChangedTimeout, !wire.isBroken { try session.restoreTimeout() }
        } catch {
            wire.markBroken()
        }
        if wire.hasFailedOver { route.failedOver() }
        if wire.isBroken || !wire.isIdle {
            logger?.info("database connection dropped")
            drop()
        }
    }

    private func drop() {
        interrupt.setKey(nil)
        wire = nil
    }
}
