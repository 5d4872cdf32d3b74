import Coordination
package import FleetCore
package import Logging
import Synchronization

/// Consumes tickets, claims their steps, runs them, settles them: the whole life of a worker process.
///
/// Rows are the truth: a ticket only says where to look; it is acknowledged after its step's settlement has committed,
/// so a worker that dies gives its tickets back to the broker at once, and a worker that merely lost the broker goes on
/// under its lease.
package final class Worker: Sendable {
    /// What a worker is set up with.
    package struct Configuration: Sendable {
        /// For people: need not be unique; at most 100 characters.
        package var name: String
        /// Written to the worker's row, which sizes the ticket windows; the ticket source has to serve the same.
        package var agentTypes: [String]
        /// Steps in flight at once.
        package var slots: Int
        /// Time for steps in flight to finish at shutdown, before they are handed back.
        package var drainTimeout: Duration
        /// Also how often cancellations, limits and contested tickets are looked at.
        package var heartbeatInterval: Duration
        /// Silence after which a worker whose ticket came back counts as dead: several heartbeats.
        package var deadAfter: Duration
        /// After an outage of the database nobody counts as dead for so long: time for everybody's heartbeats.
        package var outageGrace: Duration

        /// With the defaults, a dead worker's steps run elsewhere within two seconds.
        package init(
            name: String, agentTypes: [String], slots: Int = 256, drainTimeout: Duration = .seconds(20),
            heartbeatInterval: Duration = .milliseconds(300), deadAfter: Duration = .milliseconds(1200),
            outageGrace: Duration = .seconds(3)
        ) {
            self.name = name
            self.agentTypes = agentTypes
            self.slots = slots
            self.drainTimeout = drainTimeout
            self.heartbeatInterval = heartbeatInterval
            self.deadAfter = deadAfter
            self.outageGrace = outageGrace
        }
    }

    struct State {
        var slots: WorkerSlots
        /// Steps from their claim to the commit of their settlement.
        var runs: [Int: RunningStep] = [:]
        /// Steps that a claim without an answer may have taken, and until when that may still happen.
        var doubts: [Int: Duration] = [:]
        var database: UnbrokenContact
        /// The database's time as last heard, in microseconds since 1970.
        var databaseTime: Int?
        /// When that was heard, by this process's clock.
        var databaseTimeHeardAt: Duration = .zero
        /// Circuits as the worker's row has them; nil: nothing is known of the row yet.
        var reportedCircuits: [Circuits.Opening]?
        /// The last wish to close circuits that was heard.
        var lastReset = 0
        /// An outage of the database was told of.
        var outageLogged: Duration?
        var isDraining = false
        var isForgotten = false
    }

    struct RunningStep {
        var attempt: Int
        var cancel: @Sendable () -> Void
    }

    let configuration: Configuration
    let store: any StepStore
    let source: any TicketSource
    private let scheduler: any WakeUpSender
    private let runner: StepRunner
    let models: ModelChoice
    let limiter: any RateLimiter
    let metrics: any ExecutionMetrics
    let time: any Timekeeper
    let logger: Logger
    let state: Mutex<State>
    private let work: AsyncStream<Void>
    let workSignal: AsyncStream<Void>.Continuation
    let demands: AsyncStream<TicketDemand>
    let demandSignal: AsyncStream<TicketDemand>.Continuation

    private typealias SettlementBatcher = Batcher<Settlement, Result<SettlementResult, any Error>>

    /// Most steps claimed by one statement.
    static let claimLimit = 256
    /// A claim that got no answer has been carried out, or never will be, after this long: statements time out earlier.
    static let doubtDuration: Duration = .seconds(60)
    private static let outageLogInterval: Duration = .seconds(5)

    /// Composes a worker.
    ///
    /// - Throws: if the catalogue's schemas use something that is not supported.
    package init(
        configuration: Configuration, catalogue: AgentCatalogue, models: [ModelSpec],
        billing: BillingRules = BillingRules(), store: any StepStore, source: any TicketSource,
        scheduler: any WakeUpSender, caller: any ModelCaller, limiter: any RateLimiter,
        credentials: [String: String], metrics: any ExecutionMetrics,
        today: @escaping @Sendable () -> String, time: any Timekeeper = SystemTimekeeper(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }, logger: Logger
    ) throws {
        self.configuration = configuration
        self.store = store
        self.source = source
        self.scheduler = scheduler
        self.limiter = limiter
        self.metrics = metrics
        self.time = time
        self.logger = logger
        let choice = ModelChoice(models: models, time: time)
        self.models = choice
        runner = StepRunner(
            catalogue: catalogue, prompts: PromptBuilder(catalogue: catalogue),
            answers: try AnswerReader(catalogue: catalogue), models: choice,
            caller: caller,
            limiter: limiter, estimator: TokenEstimator(), policy: RetryPolicy(), billing: billing,
            credentials: credentials, metrics: metrics, today: today, random: random, time: time)
        state = Mutex(
            State(
                slots: WorkerSlots(total: configuration.slots, queues: configuration.agentTypes.count),
                database: UnbrokenContact(longestGap: configuration.deadAfter)))
        (work, workSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (demands, demandSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until ``drain()`` is called and the last step is settled.
    ///
    /// - Throws: ``WorkerForgotten`` if the database has lost the worker's row.
    package func run() async throws {
        let id = try await registered()
        logger.info("worker started", metadata: ["worker": "\(configuration.name)", "worker_id": "\(id)"])
        let settlements = SettlementBatcher(
            limit: 256, delay: .milliseconds(2), concurrency: 1, sleep: { [time] in try await time.sleep(for: $0) }
        ) { batch in
            await self.write(batch, worker: id)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await settlements.run() }
            group.addTask { await self.steerConsumers() }
            group.addTask { await self.readTickets() }
            group.addTask { await self.beat(worker: id) }
            await self.pump(worker: id, settlements)
            // Everything claimed is settled: nobody waits for the batcher, the lease is not needed any more.
            settlements.finish()
            group.cancelAll()
        }
        guard !state.withLock({ $0.isForgotten }) else { throw WorkerForgotten() }
        try? await store.retire(worker: id)
        logger.info("worker stopped", metadata: ["worker": "\(configuration.name)"])
    }

    /// Stops taking work; steps in flight may finish within the drain timeout, then they are handed back.
    package func drain() async {
        let surplus = state.withLock { state in
            state.isDraining = true
            return state.slots.drain()
        }
        demandSignal.yield(.none)
        source.requeue(surplus)
        workSignal.yield()
        let deadline = time.now + configuration.drainTimeout
        while time.now < deadline, state.withLock({ $0.slots.running > 0 }) {
            try? await time.sleep(for: .milliseconds(20))
        }
        while !Task.isCancelled, state.withLock({ $0.slots.running > 0 }) {
            let cancels = state.withLock { state in state.runs.values.map(\.cancel) }
            for cancel in cancels { cancel() }
            try? await time.sleep(for: .milliseconds(50))
        }
        workSignal.yield()
    }

    private func registered() async throws -> Int {
        try await store.register(
            name: configuration.name, agentTypes: configuration.agentTypes, slots: configuration.slots)
    }

    private func readTickets() async {
        for await batch in source.tickets {
            var tickets: [WorkerSlots.Pending] = []
            var unreadable: [DeliveryID] = []
            for ticket in batch {
                guard let stepID = Ticket.stepID(in: ticket.body) else {
                    unreadable.append(ticket.delivery)
                    continue
                }
                tickets.append(
                    WorkerSlots.Pending(
                        stepID: stepID, delivery: ticket.delivery, isRedelivered: ticket.isRedelivered,
                        priority: ticket.brokerPriority))
            }
            if !unreadable.isEmpty {
                logger.error("unreadable tickets go to the dead letters", metadata: ["count": "\(unreadable.count)"])
                source.reject(unreadable)
            }
            let isDraining = state.withLock { state in
                if !state.isDraining { state.slots.add(tickets) }
                return state.isDraining
            }
            if isDraining { source.requeue(tickets.map(\.delivery)) } else { workSignal.yield() }
        }
    }

    /// Claims steps as places become free; returns when the worker drains and the last step is done.
    private func pump(worker id: Int, _ settlements: SettlementBatcher) async {
        await withDiscardingTaskGroup { group in
            for await _ in work {
                await giveBackDoubtful(worker: id)
                while true {
                    let batch = state.withLock { $0.slots.take(limit: Self.claimLimit) }
                    guard !batch.isEmpty else { break }
                    for (step, ticket) in await claim(batch, worker: id) {
                        group.addTask { await self.execute(step, ticket, settlements) }
                    }
                }
                if state.withLock({ $0.isDraining }) { break }
            }
        }
    }

    private func execute(
        _ step: ClaimedStep, _ ticket: WorkerSlots.Pending, _ settlements: SettlementBatcher
    ) async {
        // One step among hundreds has to be cancellable from the heartbeat and the drain: whoever wants to ends the
        // stream, and with it the run.
        let (cancellation, canceller) = AsyncStream<Never>.makeStream()
        state.withLock { $0.runs[step.stepID] = RunningStep(attempt: step.attempt, cancel: { canceller.finish() }) }
        let settlement = await withTaskGroup(of: Settlement?.self, returning: Settlement?.self) { group in
            group.addTask { [runner] in
                await runner.run(step, isDraining: { self.state.withLock { $0.isDraining } })
            }
            group.addTask {
                for await _ in cancellation {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            guard first == nil else { return first }
            return await group.next() ?? nil
        }
        // The run returns in every case: see ``StepRunner/run(_:isDraining:)``.
        guard let settlement else { return }
        guard await settle(settlement, step, settlements) else { return }
        source.acknowledge([ticket.delivery])
        let (before, after) = state.withLock { state in
            // After a takeover in between, this worker may run the next attempt already.
            if state.runs[step.stepID]?.attempt == step.attempt { state.runs[step.stepID] = nil }
            let before = state.slots.demand
            state.slots.release()
            return (before, state.slots.demand)
        }
        if before != after { demandSignal.yield(after) }
        workSignal.yield()
    }

    /// Writes a batch; if it cannot be written as a whole, each settlement by itself, so that one that the database
    /// refuses does not hold up the others.
    private func write(_ batch: [Settlement], worker id: Int) async -> [Result<SettlementResult, any Error>] {
        do {
            return try await store.settle(batch, worker: id).map { .success($0) }
        } catch {
            let isOutage = (error as? any RetriableError)?.isRetriable ?? false
            if isOutage { tellOfOutage(error) }
            guard batch.count > 1, !isOutage else { return batch.map { _ in .failure(error) } }
            var results: [Result<SettlementResult, any Error>] = []
            for settlement in batch { results += await write([settlement], worker: id) }
            return results
        }
    }

    /// Once in a while: hundreds of settlements are tried again and again as long as it lasts.
    private func tellOfOutage(_ error: any Error) {
        let now = time.now
        let waiting = state.withLock { state -> Int? in
            if let told = state.outageLogged, now - told < Self.outageLogInterval { return nil }
            state.outageLogged = now
            return state.slots.running
        }
        guard let waiting else { return }
        logger.error(
            "outcomes cannot be written, will be tried again",
            metadata: ["steps_in_hand": "\(waiting)", "error": "\(error)"])
    }

    /// Writes the outcome, however long the database is away: a paid answer is not thrown away while the process lives.
    /// One that the database refuses for what is in it would be refused for ever: the step becomes a dead letter that
    /// says so, and what was paid goes into the ledger. False if the worker was broken off before.
    private func settle(
        _ settlement: Settlement, _ step: ClaimedStep, _ settlements: SettlementBatcher
    ) async -> Bool {
        var settlement = settlement
        var refusals = 0
        var pause: Duration = .milliseconds(50)
        while true {
            do {
                let result = try await settlements.submit(settlement).get()
                metrics.stepSettled(
                    kind: step.kind, agentType: step.agentType, outcome: settlement.outcome.name,
                    isStale: result == .stale)
                if result == .applied { scheduler.wakeScheduler() }
                return true
            } catch {
                // The step's row is gone with the worker's: nothing is left to write to.
                guard !state.withLock({ $0.isForgotten }) else { return true }
                guard !Task.isCancelled else { return false }
                if (error as? any RetriableError)?.isRefusal ?? false, refusals < 2 {
                    refusals += 1
                    logger.error(
                        "the database refuses an outcome",
                        metadata: ["step_id": "\(step.stepID)", "attempt": "\(step.attempt)", "error": "\(error)"])
                    if refusals == 2 {
                        logger.critical(
                            "calls cannot be booked",
                            metadata: ["step_id": "\(step.stepID)", "calls": "\(settlement.calls)"])
                        settlement.calls = []
                        settlement.isComplete = false
                    }
                    settlement.outcome = .dead(error: "the database does not take the outcome: \(error)")
                    for index in settlement.calls.indices {
                        settlement.calls[index].providerRequestID = nil
                        settlement.calls[index].cuts = nil
                    }
                    continue
                }
                try? await time.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }
}

/// The database has lost the row of this worker, and so its leases: the process ends, and its successor registers anew.
package struct WorkerForgotten: Error, CustomStringConvertible {
    /// What the process says as it ends.
    package var description: String { "the database does not know this worker any more" }
}

extension StepOutcome {
    /// A short name for metrics.
    var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .retry(_, let reason, _, _): reason.rawValue
        case .handedBack: "handed_back"
        case .failed: "failed"
        case .dead: "dead"
        case .cancelled: "cancelled"
        }
    }
}
