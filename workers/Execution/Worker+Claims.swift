import FleetCore
import FleetMetrics
import Logging
import Synchronization

/// Claiming: which steps of the tickets are this worker's now, and what a claim without an answer leaves behind.
extension Worker {
    /// No worker is silent for longer than that and alive.
    private static let longestSilence: Duration = .seconds(86_400)

    func claim(
        _ batch: [WorkerSlots.Pending], worker id: Int
    ) async -> [(ClaimedStep, WorkerSlots.Pending)] {
        let start = time.now
        let results: [ClaimResult]
        do {
            results = try await store.claim(
                batch.map { ClaimRequest(stepID: $0.stepID, isRedelivered: $0.isRedelivered) }, worker: id,
                deadAfter: deadAfter)
        } catch {
            metrics.claimFailed()
            logger.warning("claim failed", metadata: ["error": "\(error)", "count": "\(batch.count)"])
            try? await time.sleep(for: .milliseconds(200))
            let end = time.now + Self.uncertaintyWindow
            state.withLock { state in
                for ticket in batch { state.uncertainClaims[ticket.stepID] = end }
                state.slots.release(batch.count)
            }
            source.requeue(batch.map(\.delivery))
            return []
        }
        var claimed: [(ClaimedStep, WorkerSlots.Pending)] = []
        var forgotten: [DeliveryID] = []
        for (ticket, result) in zip(batch, results) {
            switch result {
            case .claimed(let step):
                claimed.append((step, ticket))
                let other = state.withLock { state in
                    state.uncertainClaims[ticket.stepID] = nil
                    return state.slots.clearSuspect(ticket)
                }
                if let other { forgotten.append(other) }
            case .notClaimable:
                forgotten.append(ticket.delivery)
                if let other = state.withLock({ $0.slots.clearSuspect(ticket) }) { forgotten.append(other) }
            case .heldByQuietWorker(let heartbeat):
                let isOpen = state.withLock { $0.slots.suspect(ticket, lastHeartbeat: heartbeat) }
                if !isOpen { forgotten.append(ticket.delivery) }
            }
        }
        state.withLock { $0.slots.release(batch.count - claimed.count) }
        source.acknowledge(forgotten)
        metrics.stepsClaimed(claimed.map(\.0), forgotten: forgotten.count, duration: time.now - start)
        return claimed
    }

    /// Others are silent after an outage of the database, as this worker was: until they had time to be heard again,
    /// none of them is dead.
    private var deadAfter: Duration {
        let now = time.now
        let isSteady = state.withLock { $0.database.isSteady(for: configuration.outageGrace, at: now) }
        return isSteady ? configuration.deadAfter : Self.longestSilence
    }

    /// A claim whose answer was lost may have been carried out: what it took would be this worker's for as long as it
    /// lives, and nobody would run it. Asked again and again for a while, because the statement may still be under way.
    /// Only here, between two claims, is it certain that such a step was not claimed properly since.
    func giveBackUncertainClaims(worker id: Int) async {
        let now = time.now
        let (uncertain, heard) = state.withLock { state in
            // An earlier attempt that this worker has not finished yet: the doubt waits until it has.
            for id in state.uncertainClaims.keys where state.runs[id] != nil {
                state.uncertainClaims[id] = now + Self.uncertaintyWindow
            }
            state.uncertainClaims = state.uncertainClaims.filter { $0.value > now }
            return (state.uncertainClaims.keys.filter { state.runs[$0] == nil }.sorted(), state.databaseTime)
        }
        // Nothing was heard from the database yet: the next heartbeat comes soon.
        guard !uncertain.isEmpty, let heard else { return }
        do {
            try await store.giveBack(uncertain, worker: id, claimedBefore: heard)
        } catch {
            logger.warning("steps of a failed claim could not be given back yet", metadata: ["error": "\(error)"])
        }
    }
}
