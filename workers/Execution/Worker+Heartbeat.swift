import FleetCore
import FleetMetrics
import Logging
import Synchronization

/// The heartbeat: leases, cancellations, limits, and whether to consume.
extension Worker {
    /// Renews the lease, learns of cancellations and limits, and steers the consumers.
    func beat(worker id: Int) async {
        while !Task.isCancelled {
            let (running, isDraining) = state.withLock { ($0.slots.running, $0.isDraining) }
            metrics.slots(running: running, total: configuration.slots, isDraining: isDraining)
            var mustSubscribe = false
            do {
                let (circuits, hearing) = (circuitsToReport(), hearingToReport())
                let heartbeat = try await store.heartbeat(
                    worker: id,
                    WorkerReport(
                        running: running, isDraining: isDraining, circuits: circuits?.reports,
                        lastReset: state.withLock { $0.lastReset }, hearing: hearing))
                guard heartbeat.isKnown else {
                    logger.critical("the database has lost this worker's row: starting over")
                    state.withLock { $0.isForgotten = true }
                    await drain()
                    return
                }
                metrics.heartbeat(isRenewed: true)
                let now = time.now
                state.withLock { state in
                    state.database.heard(at: now)
                    state.databaseTime = heartbeat.databaseTime
                    state.databaseTimeHeardAt = now
                    if let circuits { state.reportedCircuits = circuits.openings }
                    state.lastReset = heartbeat.resets.last?.number ?? state.lastReset
                }
                for reset in heartbeat.resets { models.reset(reset) }
                limiter.use(heartbeat.limits)
                let cancels = state.withLock { state in heartbeat.cancelledSteps.compactMap { state.runs[$0]?.cancel } }
                for cancel in cancels { cancel() }
                mustSubscribe = learn(heartbeat.canaries)
            } catch {
                state.withLock { $0.hearing.untold() }
                if !Task.isCancelled {
                    metrics.heartbeat(isRenewed: false)
                    logger.warning("heartbeat failed", metadata: ["error": "\(error)"])
                }
            }
            let (demand, surplus) = state.withLock { state in
                state.slots.recheckSuspects()
                let surplus = state.slots.tick()
                return (state.slots.demand, surplus)
            }
            // Every time, not only when it changes: what failed while the broker was away is made up for.
            demandSignal.yield(mustSubscribe ? .none : demand)
            source.requeue(surplus)
            workSignal.yield()
            try? await time.sleep(for: configuration.heartbeatInterval)
        }
    }

    /// The circuits that are not closed, if they have changed since they were last told of; new ones are logged.
    private func circuitsToReport() -> (openings: [Circuits.Opening], reports: [CircuitReport])? {
        let openings = models.openings
        let (known, clock) = state.withLock { ($0.reportedCircuits, $0.databaseClock) }
        // The times are the database's: they have to be known.
        guard let clock, openings != known else { return nil }
        for opening in openings where !(known ?? []).contains(where: { $0.key == opening.key }) {
            logger.warning(
                "not called for a while",
                metadata: [
                    "provider": "\(opening.key.provider)", "model": "\(opening.key.model ?? "all")",
                    "reason": "\(opening.reason.rawValue)", "error": "\(opening.error)",
                ])
        }
        metrics.circuits(openings.map { (provider: $0.key.provider, model: $0.key.model) })
        return (
            openings,
            openings.map { opening in
                CircuitReport(
                    provider: opening.key.provider, model: opening.key.model, reason: opening.reason,
                    error: opening.error, openedAt: clock(opening.since), probesAt: clock(opening.until))
            }
        )
    }

    /// Apart from the heartbeat, which must not wait for a broker that is away.
    func steerConsumers() async {
        demandSignal.yield(.all)
        for await demand in demands { await source.setConsuming(demand) }
    }
}
