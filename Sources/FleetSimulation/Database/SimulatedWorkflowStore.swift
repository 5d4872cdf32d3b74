import FleetCore

/// The scheduler's side of the simulated rows.
struct SimulatedWorkflowStore: WorkflowStore {
    let database: SimulatedDatabase
    let route: any Route
    let bugs: Set<PlantedBug>

    func advance(
        limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
    ) async throws(StoreFailure) -> AdvanceReport {
        let isBlind = bugs.contains(.childBeforeParents)
        return try await route.rows {
            database.advance(limit: limit, dispatchLimit: dispatchLimit) { snapshot, nextStepID in
                guard isBlind else { return decide(snapshot, nextStepID) }
                var blinded = snapshot
                for index in blinded.subtasks.indices { blinded.subtasks[index].dependencies = [] }
                guard var advance = decide(blinded, nextStepID) else { return nil }
                for index in advance.changedSubtasks.indices {
                    let changed = advance.changedSubtasks[index]
                    advance.changedSubtasks[index].dependencies =
                        snapshot.subtasks.first { $0.id == changed.id }?.dependencies ?? []
                }
                return advance
            }
        }
    }

    func dispatch(limitPerQueue: Int) async throws(StoreFailure) -> [Ticket] {
        try await route.rows { database.dispatch(limitPerQueue: limitPerQueue) }
    }

    func undoDispatch(stepIDs: [Int]) async throws(StoreFailure) {
        try await route.rows { database.undoDispatch(stepIDs: stepIDs) }
    }

    func releaseParked(limit: Int) async throws(StoreFailure) -> ParkedReport {
        try await route.rows { database.releaseParked(limit: limit) }
    }

    func sweep(_ policy: SweepPolicy) async throws(StoreFailure) -> SweepReport? {
        try await route.rows { database.sweep(policy) }
    }

    func load() async throws(StoreFailure) -> [QueueLoad] {
        if bugs.contains(.outageIsNotNoticed) { return [] }
        return try await route.rows { database.load() }
    }

    func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws(StoreFailure) {
        try await route.rows { database.register(agents, bounds: bounds) }
    }

    func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) async throws(StoreFailure) {
        try await route.rows { database.recordDeadTicket(ticket, reason: reason) }
    }
}
