package import FleetCore
import FleetTesting

extension SimulatedDatabase {
    /// The rows without a network in between.
    package var workflowStore: any WorkflowStore {
        SimulatedWorkflowStore(database: self, route: DirectRoute(), bugs: [])
    }

    /// The worker's side, without a network either.
    package var stepStore: any StepStore { SimulatedStepStore(database: self, route: DirectRoute()) }

    /// A line per task: what it has come to.
    package var taskLines: [String] {
        rows.tasks.values.map { task in
            "\(task.record.id) \(task.status.rawValue) \(task.record.state.rawValue) \(task.stage.rawValue)"
                + " \(task.record.progress) \(task.eventSequence) \(task.cancelEpoch) \(task.record.planNumber)"
                + " \(task.record.lastPlanNumber) \(task.record.answerVersion) \(task.record.limitations.count)"
                + " \(task.activeRevisionID ?? "-") \(task.checkpoint?.status.rawValue ?? "-")"
        }.sorted()
    }

    /// A line per subtask: how far it is.
    package var subtaskLines: [String] {
        rows.subtasks.values.map { subtask in
            let record = subtask.record
            return "\(record.id) \(record.specialist) \(record.status.rawValue) \(record.acceptance?.rawValue ?? "-")"
                + " \(record.version) \(record.cycle) \(record.isPartial ? "partial" : "-")"
                + " \(record.currentStepID == nil ? "-" : "open") \(subtask.isStarted ? "started" : "-")"
        }.sorted()
    }

    /// A line per revision: what it has come to.
    package var revisionLines: [String] {
        rows.revisions.map { revision in
            "\(revision.id) \(revision.status) \(revision.scope?.rawValue ?? "-") \(revision.priority.rawValue)"
        }.sorted()
    }

    /// A line per step: its state, without its id.
    package var stepLines: [String] {
        rows.steps.values.map { step in
            "\(step.taskID) \(step.subtaskID ?? "-") \(step.kind.rawValue) \(step.state.rawValue) \(step.priority)"
                + " \(step.attempt)"
                + " \(step.failures) \(step.throttles) \(step.crashes) \(step.waitReason?.rawValue ?? "-")"
        }.sorted()
    }

    /// A line per row of the ledger: what it says of tokens and money, without the step's id.
    package var ledgerLines: [String] {
        func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "-" }
        return rows.ledger.map { key, row in
            let account = row.account
            let tokens = account.usage ?? account.estimate
            return [
                row.taskID, row.kind.rawValue, "\(key.attempt)", "\(key.number)", row.outcome, row.purpose.rawValue,
                account.basis.rawValue, text(account.usage?.inputTokens), text(account.usage?.outputTokens),
                text(account.estimate?.inputTokens), text(account.estimate?.outputTokens),
                text(tokens?.cacheReadTokens), text(account.usage?.reasoningTokens), text(account.cost),
                text(account.expectedCost), text(account.hold), text(account.price?.id), text(account.price?.rates),
            ].joined(separator: " ")
        }.sorted()
    }
}

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

    func recordDeadTicket(_ body: [UInt8], queue: String, reason: String) async throws(StoreFailure) {
        try await route.rows { database.recordDeadTicket(body, reason: reason) }
    }
}

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

extension Route {
    /// As ``call(_:)``, with the failures of the stores' ports.
    fileprivate func rows<Value: Sendable>(_ effect: @Sendable () -> Value) async throws(StoreFailure) -> Value {
        do {
            return try await call(effect)
        } catch {
            throw StoreFailure(error)
        }
    }
}

extension StoreFailure {
    /// Nobody knows what has become of a call whose reply was lost.
    fileprivate init(_ error: any Error) {
        let isUntouched = if case SimulatedOutage.refused = error { true } else { false }
        self.init(isUntouched ? .outage : .outcomeUnknown, "\(error)")
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
