import FleetCore
import Logging
import Synchronization

/// The heartbeat: leases, cancellations, limits, and whether to consume.
extension Worker {
    /// Renews the lease, learns of cancellations and limits, and steers the consumers.
    func beat(worker id: Int) async {
        while !Task.isCancelled {
            let (running, isDraining) = state.withLock { ($0.slots.running, $0.isDraining) }
            metrics.slots(running: running, total: configuration.slots)
            do {
                let heartbeat = try await store.heartbeat(worker: id, running: running, isDraining: isDraining)
                guard heartbeat.isKnown else {
                    logger.critical("the database has lost this worker's row: starting over")
                    state.withLock { $0.isForgotten = true }
                    await drain()
                    return
                }
                let now = time.now
                state.withLock { state in
                    state.database.heard(at: now)
                    state.databaseTime = heartbeat.databaseTime
                }
                limits.update(heartbeat.limits)
                let cancels = state.withLock { state in heartbeat.cancelledSteps.compactMap { state.runs[$0]?.cancel } }
                for cancel in cancels { cancel() }
            } catch {
                if !Task.isCancelled { logger.warning("heartbeat failed", metadata: ["error": "\(error)"]) }
            }
            let (isConsuming, surplus) = state.withLock { state in
                state.slots.retryContested()
                let surplus = state.slots.tick()
                return (state.slots.isConsuming, surplus)
            }
            // Every time, not only when it changes: what failed while the broker was away is made up for.
            consumingSignal.yield(isConsuming)
            source.requeue(surplus)
            workSignal.yield()
            try? await time.sleep(for: configuration.heartbeatInterval)
        }
    }

    /// Apart from the heartbeat, which must not wait for a broker that is away.
    func steerConsumers() async {
        consumingSignal.yield(true)
        for await isConsuming in consuming { await source.setConsuming(isConsuming) }
    }
}
