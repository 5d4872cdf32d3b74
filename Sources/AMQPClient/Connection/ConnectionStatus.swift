import Synchronization

/// Where a connection stands, written by its owner thread, watched by anybody.
final class ConnectionStatus: Sendable {
    private struct Contents {
        var state = AMQPConnectionState.connecting(nil)
        var refusals: [AMQPRefusal] = []
        var connectionsMade = 0
        var outage: Outage?
        var observers: [UInt64: AsyncStream<AMQPConnectionState>.Continuation] = [:]
        var nextObserver: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    var state: AMQPConnectionState { contents.withLock(\.state) }

    /// What the broker does not do for the present connection, or did not for the last one.
    var refusals: [AMQPRefusal] { contents.withLock(\.refusals) }

    func health(at now: Instant) -> AMQPHealth {
        contents.withLock { contents in
            AMQPHealth(
                state: contents.state, refusals: contents.refusals, connectionsMade: contents.connectionsMade,
                outage: contents.outage.map {
                    AMQPHealth.Outage(
                        error: $0.error, attempts: $0.attempts,
                        duration: .milliseconds(now.milliseconds(after: $0.since)))
                })
        }
    }

    func update(_ state: AMQPConnectionState, outage: Outage? = nil) {
        let observers = contents.withLock { contents in
            if case .connecting = contents.state, state.isConnected { contents.connectionsMade += 1 }
            contents.state = state
            contents.outage = outage
            defer { if state == .closed { contents.observers = [:] } }
            return contents.observers
        }
        // Outside of the lock, because a finished stream calls back.
        for observer in observers.values {
            observer.yield(state)
            if state == .closed { observer.finish() }
        }
    }

    func update(_ refusals: [AMQPRefusal]) {
        contents.withLock { $0.refusals = refusals }
    }

    /// The present state and every later one, of which the last 16 are kept for a slow reader.
    func observe() -> AsyncStream<AMQPConnectionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AMQPConnectionState.self, bufferingPolicy: .bufferingNewest(16))
        let number = contents.withLock { contents in
            // Within the lock, so that it precedes the changes that follow.
            continuation.yield(contents.state)
            guard contents.state != .closed else { return UInt64?.none }
            contents.nextObserver += 1
            contents.observers[contents.nextObserver] = continuation
            return contents.nextObserver
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.contents.withLock { $0.observers.removeValue(forKey: number) }
        }
        return stream
    }

    func waitUntilReady(timeout: Duration) async throws(AMQPError) {
        let states = observe()
        let verdict = await withTaskGroup(of: Result<Void, AMQPError>?.self) { group in
            group.addTask {
                for await state in states {
                    if let verdict = self.verdict(state) { return verdict }
                }
                return nil
            }
            group.addTask {
                // Cancellation ends the sleep early, and so the wait.
                try? await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let verdict { return try verdict.get() }
        if Task.isCancelled { throw AMQPError(.cancelled, "the waiting task was cancelled") }
        if case .connecting(let error?) = state { throw error }
        throw AMQPError(.timedOut, "not connected in time")
    }

    private func verdict(_ state: AMQPConnectionState) -> Result<Void, AMQPError>? {
        switch state {
        case .ready, .blocked:
            contents.withLock { $0.refusals.first { $0.isDeclaration } }.map { .failure($0.error) } ?? .success(())
        case .closed: .failure(AMQPError(.closed, "the client was shut down"))
        case .connecting(let error?) where !error.isRetriable: .failure(error)
        case .connecting: nil
        }
    }
}
