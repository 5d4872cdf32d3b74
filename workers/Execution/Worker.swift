package import FleetCore
package import FleetMetrics
package import FleetTracing
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
        /// Also how often cancellations, limits and suspects are looked at.
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
        var hearing: Hearing
        /// Steps from their claim to the commit of their settlement.
        var runs: [Int: RunningStep] = [:]
        /// Steps that a claim without an answer may have taken, and until when that may still happen.
        var uncertainClaims: [Int: Duration] = [:]
        var database: UnbrokenContact
        /// The database's time as last heard, in microseconds since 1970.
        var databaseTime: Int?
        /// When that was heard, by this process's clock.
        var databaseTimeHeardAt: Duration = .zero
        /// Circuits as the worker's row has them; nil: nothing is known of the row yet.
        var reportedCircuits: [Circuits.Opening]?
        /// The last wish to close circuits that was heard.
        var lastReset = 0
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
    private let scheduler: any SchedulerNudger
    private let runner: StepRunner
    let models: ModelChoice
    let limiter: any RateLimiter
    private let waits: LimitWaits
    let metrics: WorkerMetrics
    private let spans: WorkerSpans
    let time: any Timekeeper
    let logger: Logger
    let state: Mutex<State>
    private let work: AsyncStream<Void>
    let workSignal: AsyncStream<Void>.Continuation
    let demands: AsyncStream<TicketDemand>
    let demandSignal: AsyncStream<TicketDemand>.Continuation

    /// Most steps claimed by one statement.
    static let claimLimit = 256
    /// A claim that got no answer has been carried out, or never will be, after this long: statements time out earlier.
    static let uncertaintyWindow: Duration = .seconds(60)

    /// Composes a worker.
    ///
    /// - Throws: if the catalogue's schemas use something that is not supported.
    package init(
        configuration: Configuration, catalogue: AgentCatalogue, models: [ModelSpec],
        billing: BillingRules = BillingRules(), store: any StepStore, source: any TicketSource,
        scheduler: any SchedulerNudger, caller: any ModelCaller, limiter: any RateLimiter,
        credentials: [String: String], metrics: WorkerMetrics, spans: WorkerSpans = .none,
        today: @escaping @Sendable () -> String, time: any Timekeeper = SystemTimekeeper(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }, logger: Logger
    ) throws {
        self.configuration = configuration
        self.store = store
        self.source = source
        self.scheduler = scheduler
        self.limiter = limiter
        self.metrics = metrics
        self.spans = spans
        self.time = time
        self.logger = logger
        let choice = ModelChoice(models: models, time: time)
        let waits = LimitWaits(time: time) { notes, worker throws(StoreFailure) in
            try await store.note(notes, worker: worker)
        }
        self.waits = waits
        self.models = choice
        runner = StepRunner(
            catalogue: catalogue, prompts: PromptBuilder(catalogue: catalogue),
            answers: try AnswerReader(catalogue: catalogue), models: choice,
            caller: caller,
            limiter: limiter, waits: waits, estimator: TokenEstimator(), policy: RetryPolicy(), billing: billing,
            credentials: credentials, metrics: metrics, today: today, random: random, time: time)
        state = Mutex(
            State(
                slots: WorkerSlots(total: configuration.slots, queues: configuration.agentTypes.count),
                hearing: Hearing(agentTypes: configuration.agentTypes, at: time.now),
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
        waits.begin(worker: id)
        let settler = Settler(
            store: store, worker: id, metrics: metrics, time: time, logger: logger,
            isForgotten: { self.state.withLock { $0.isForgotten } })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await settler.run() }
            group.addTask { await self.waits.run() }
            group.addTask { await self.steerConsumers() }
            group.addTask { await self.readTickets() }
            group.addTask { await self.beat(worker: id) }
            await self.pump(worker: id, settler)
            // Everything claimed is settled: nobody waits for the settler, the lease is not needed any more.
            settler.finish()
            waits.finish()
            group.cancelAll()
        }
        guard !state.withLock({ $0.isForgotten }) else { throw WorkerForgotten() }
        do {
            try await store.retire(worker: id)
        } catch {
            // It holds nothing any more; its row goes on as alive until its heartbeat is old.
            logger.warning("the worker's row could not be ended", metadata: ["error": "\(error)"])
        }
        logger.info("worker stopped", metadata: ["worker": "\(configuration.name)"])
    }

    /// Stops taking work; steps in flight may finish within the drain timeout, then they are handed back.
    ///
    /// - Parameter isPatient: as long as it says so, steps in flight may take as long as they do; the timeout begins when it
    ///   does not any more.
    package func drain(isPatient: @Sendable () -> Bool = { false }) async {
        let surplus = state.withLock { state in
            state.isDraining = true
            return state.slots.drain()
        }
        demandSignal.yield(.none)
        source.requeue(surplus)
        workSignal.yield()
        var deadline = time.now + configuration.drainTimeout
        while state.withLock({ $0.slots.running > 0 }) {
            let now = time.now
            if isPatient() {
                deadline = now + configuration.drainTimeout
            } else if now >= deadline {
                break
            }
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
            let batch = answerCanaries(in: batch)
            metrics.ticketsReceived(batch.count, redelivered: batch.count { $0.isRedelivered })
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
                        priority: ticket.brokerPriority, traceparent: ticket.traceparent))
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
    private func pump(worker id: Int, _ settler: Settler) async {
        await withDiscardingTaskGroup { group in
            for await _ in work {
                await giveBackUncertainClaims(worker: id)
                while true {
                    let batch = state.withLock { $0.slots.take(limit: Self.claimLimit) }
                    guard !batch.isEmpty else { break }
                    for (step, ticket) in await claim(batch, worker: id) {
                        group.addTask { await self.execute(step, ticket, settler) }
                    }
                }
                if state.withLock({ $0.isDraining }) { break }
            }
        }
    }

    private func execute(_ step: ClaimedStep, _ ticket: WorkerSlots.Pending, _ settler: Settler) async {
        let start = time.now
        defer { metrics.stepLeft(step) }
        let run = CancellableRun()
        state.withLock { $0.runs[step.stepID] = RunningStep(attempt: step.attempt, cancel: { run.cancel() }) }
        let span = spans.attemptBegan(step, traceparent: ticket.traceparent, at: start)
        let settlement = await run.run { [runner] in
            await runner.run(step, span: span, isDraining: { self.state.withLock { $0.isDraining } })
        }
        let end = time.now
        switch await settler.settle(settlement) {
        case .written(let settlement, let result):
            metrics.stepSettled(
                step, outcome: settlement.outcome, isStale: result == .stale, duration: time.now - start)
            span?.ended(settlement.outcome, isStale: result == .stale, at: end)
            tell(of: step, settlement, result)
            if result == .applied { scheduler.wakeScheduler() }
        case .pointless: span?.ended(settlement.outcome, isStale: nil, at: end)
        case .brokenOff: return
        }
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
}

/// The database has lost the row of this worker, and so its leases: the process ends, and its successor registers anew.
package struct WorkerForgotten: Error, CustomStringConvertible {
    /// What the process says as it ends.
    package var description: String { "the database does not know this worker any more" }
}
