import FleetCore
import FleetTesting

/// A worker's side of the simulated rows.
struct SimulatedStepStore: StepStore {
    let database: SimulatedDatabase
    let route: any Route
    var bugs: Set<PlantedBug> = []
    /// Told the id of every row that was written for this worker, even if the worker never hears of it.
    var onRegister: @Sendable (Int) -> Void = { _ in }

    func register(name: String, agentTypes: [String], slots: Int) async throws(StoreFailure) -> Int {
        try await route.rows {
            let id = database.registerWorker(agentTypes: agentTypes, slots: slots)
            onRegister(id)
            return id
        }
    }

    func heartbeat(worker: Int, _ report: WorkerReport) async throws(StoreFailure) -> Heartbeat {
        do {
            return try await route.call { database.heartbeat(worker: worker, isDraining: report.isDraining) }
        } catch SimulatedOutage.processDied {
            // What makes a worker end: nothing of a killed process may go on for ever.
            return Heartbeat(isKnown: false, cancelledSteps: [], limits: [])
        } catch {
            throw StoreFailure(error)
        }
    }

    func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async throws(StoreFailure) -> [ClaimResult]
    {
        try await route.rows { database.claim(requests, worker: worker, deadAfter: deadAfter) }
    }

    func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async throws(StoreFailure) {
        try await route.rows { database.giveBack(stepIDs, worker: worker, claimedBefore: claimedBefore) }
    }

    func note(_ waits: [LimitWaitNote], worker: Int) async throws(StoreFailure) -> [Bool] {
        try await route.rows {
            guard bugs.contains(.waitIsNotTakenBack) else { return database.note(waits, worker: worker) }
            return waits.map { $0.wait == nil || database.note([$0], worker: worker) == [true] }
        }
    }

    func settle(_ settlements: [Settlement], worker: Int) async throws(StoreFailure) -> [SettlementResult] {
        var settlements = settlements
        for index in settlements.indices {
            for call in settlements[index].calls.indices { settlements[index].calls[call].spoil(bugs) }
        }
        let written = settlements
        do {
            return try await route.call { database.settle(written, worker: worker) }
        } catch SimulatedOutage.processDied {
            // Nothing was written; a worker tries until it hears something.
            return settlements.map { _ in .applied }
        } catch {
            throw StoreFailure(error)
        }
    }

    func retire(worker: Int) async throws(StoreFailure) {
        try await route.rows { database.retire(worker: worker) }
    }
}

extension CallRecord {
    /// Books it as a planted bug would.
    fileprivate mutating func spoil(_ bugs: Set<PlantedBug>) {
        if bugs.contains(.cutCallCostsNothing), account.basis == .estimated {
            account = CallAccount(basis: .none, cost: .zero)
        }
        if bugs.contains(.firstModelSetsThePrice), let usage = account.usage, account.cost != nil {
            account.cost = TestCatalogue.model.cost(of: usage, on: SimulatedProvider.day)
        }
    }
}
