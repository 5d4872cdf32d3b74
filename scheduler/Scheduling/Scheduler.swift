import AsyncPrimitives
package import FleetCore
package import FleetMetrics
package import FleetTracing
package import Logging

/// Moves tasks through the workflow, issues tickets, watches time and lost work.
///
/// Any number of schedulers may run: rows are taken with SKIP LOCKED or under row locks, the sweep by whoever holds its
/// lock. Nothing is kept in memory that is not in the rows, except how busy the fleet was a moment ago.
package final class Scheduler: Sendable {
    /// How often the loops look for themselves when nobody wakes them.
    package struct Configuration: Sendable {
        /// Longest time until advances, dispatches and parked steps are looked at; wakes make it sooner.
        package var tick: Duration
        /// Pause between two sweeps; specialists are chosen by a load that is as old.
        package var sweepInterval: Duration
        /// Wake-ups per transaction.
        package var advanceLimit: Int
        /// Tickets per queue and round.
        package var dispatchLimit: Int
        /// Each sweep fills in the queue depths itself.
        package var sweep: SweepPolicy

        /// The defaults are those of a fleet in service.
        package init(
            tick: Duration = .milliseconds(250), sweepInterval: Duration = .seconds(1), advanceLimit: Int = 200,
            dispatchLimit: Int = 512, sweep: SweepPolicy = SweepPolicy()
        ) {
            self.tick = tick
            self.sweepInterval = sweepInterval
            self.advanceLimit = advanceLimit
            self.dispatchLimit = dispatchLimit
            self.sweep = sweep
        }
    }

    private let configuration: Configuration
    private let catalogue: AgentCatalogue
    private let bounds: AttemptBounds
    private let store: any WorkflowStore
    private let rounds: Rounds
    private let issuer: TicketIssuer
    private let announcer: EventAnnouncer
    private let advances: AdvanceDuty
    private let dispatches: DispatchDuty
    private let parked: ParkedDuty
    private let sweeps: SweepDuty
    private let deadTickets: DeadTicketRecorder
    private let operations: OperationDuty?
    private let batches: BatchDuty?
    private let pulse: PulseDuty?
    private let canaries: CanaryDuty?
    private let advanceNudge = Nudge()
    /// For the second loop of advances: one finds more than it takes at once.
    private let backlogNudge = Nudge()
    private let dispatchNudge = Nudge()
    private let parkedNudge = Nudge()

    /// Does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - catalogue: its agents are written to the rows first of all.
    ///   - bounds: what an attempt of theirs may cost, written with them.
    ///   - deadTickets: reads the dead-letter queues; each ticket is recorded, then acknowledged.
    ///   - operations: operators' long work; nil: somebody else carries it on.
    ///   - batches: numbers results, trips breakers, judges pilots; nil: somebody else does.
    ///   - health: where it says that it lives, and looks after canaries; nil: nowhere.
    ///   - time: of this process.
    package init(
        configuration: Configuration = Configuration(), catalogue: AgentCatalogue, bounds: AttemptBounds,
        store: any WorkflowStore, publisher: any TicketPublisher, deadTickets: any TicketSource,
        operations: (any OperationBook)? = nil, batches: (any BatchKeeper)? = nil,
        health: SignsOfLife? = nil, metrics: SchedulerMetrics = .none, spans: SchedulerSpans = .none,
        time: any Timekeeper = SystemTimekeeper(), logger: Logger
    ) {
        self.configuration = configuration
        self.catalogue = catalogue
        self.bounds = bounds
        self.store = store
        announcer = EventAnnouncer(publisher: publisher, metrics: metrics, time: time)
        let load = FleetLoad()
        rounds = Rounds(stopped: OneShot(), metrics: metrics, time: time, logger: logger)
        issuer = TicketIssuer(
            store: store, publisher: publisher, metrics: metrics, spans: spans, time: time, logger: logger)
        advances = AdvanceDuty(
            store: store, workflow: Workflow(catalogue: catalogue), load: load, issuer: issuer, announcer: announcer,
            metrics: metrics, spans: spans, rounds: rounds, limit: configuration.advanceLimit,
            dispatchLimit: configuration.dispatchLimit, backlog: backlogNudge, dispatch: dispatchNudge)
        dispatches = DispatchDuty(store: store, issuer: issuer, rounds: rounds, limit: configuration.dispatchLimit)
        parked = ParkedDuty(
            store: store, issuer: issuer, rounds: rounds, tick: configuration.tick, dispatch: dispatchNudge)
        let waiting = WaitingCanaries()
        sweeps = SweepDuty(
            store: store, publisher: publisher, load: load, canaries: waiting, metrics: metrics, rounds: rounds,
            policy: configuration.sweep, interval: configuration.sweepInterval)
        pulse = health.map { [rounds] in
            PulseDuty(book: $0.book, name: $0.name, waiting: waiting, rounds: rounds)
        }
        self.canaries = health.map { [rounds] in
            CanaryDuty(
                book: $0.book, publisher: $0.canaries, agentTypes: catalogue.agents.map(\.type), rounds: rounds)
        }
        self.deadTickets = DeadTicketRecorder(store: store, source: deadTickets, metrics: metrics, rounds: rounds)
        self.operations = operations.map { [rounds, advanceNudge] in
            OperationDuty(book: $0, rounds: rounds, advance: advanceNudge)
        }
        self.batches = batches.map { [rounds, advanceNudge] in
            BatchDuty(keeper: $0, rounds: rounds, advance: advanceNudge)
        }
    }

    /// Something happened to a task: look at once.
    package func wake() {
        advanceNudge.give()
    }

    /// The connection to the broker is a new one: it may have lost every ticket, and take what it refused before.
    package func brokerReturned() {
        issuer.brokerReturned()
        sweeps.brokerReturned()
        canaries?.brokerReturned()
        dispatchNudge.give()
    }

    /// Runs until ``stop()`` or cancellation; a batch in progress is finished first.
    package func run() async throws {
        rounds.turns.expect(expectedDuties, at: rounds.time.now)
        try await rounds.persist(.register) { try await store.register(catalogue.agents, bounds: bounds) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.sweeps.run {
                    self.advanceNudge.give()
                    self.dispatchNudge.give()
                }
            }
            group.addTask { await self.deadTickets.run() }
            group.addTask { await self.operations?.run() }
            group.addTask { await self.batches?.run() }
            group.addTask { await self.pulse?.run() }
            group.addTask { await self.canaries?.run() }
            group.addTask { await self.tick() }
            group.addTask { await self.announcer.run() }
            await withDiscardingTaskGroup { batches in
                batches.addTask { await self.advances.run(on: self.advanceNudge) }
                batches.addTask { await self.advances.run(on: self.backlogNudge) }
                batches.addTask { await self.dispatches.run(on: self.dispatchNudge) }
                batches.addTask { await self.parked.run(on: self.parkedNudge) }
            }
            // These four end with ``stop()``, after their batch; what is left only waits.
            group.cancelAll()
        }
        await pulse?.retire()
    }

    /// Which duty has not come round for too long; nil: none.
    package var trouble: String? {
        let turns = rounds.turns.ages(at: rounds.time.now).map { ($0.duty, $0.age.inSeconds) }
        return SchedulerFacts(
            name: "", state: "active", heartbeatAge: 0,
            turns: Dictionary(turns, uniquingKeysWith: { first, _ in first })
        ).trouble?.words
    }

    /// Ends the loops.
    package func stop() {
        for nudge in [advanceNudge, backlogNudge, dispatchNudge, parkedNudge] { nudge.close() }
        rounds.stopped.open()
    }

    /// Those that come round by themselves.
    private var expectedDuties: [SchedulerDuty] {
        [.advance, .dispatch, .release, .sweep] + (operations == nil ? [] : [.operations])
            + (batches == nil ? [] : [.batches])
    }

    private func tick() async {
        while !rounds.areOver {
            for nudge in [advanceNudge, dispatchNudge, parkedNudge] { nudge.give() }
            try? await rounds.time.sleep(for: configuration.tick)
        }
    }
}

extension Scheduler {
    /// Where a scheduler says that it lives, and what asks the workers for the same.
    package struct SignsOfLife: Sendable {
        package var book: any HealthBook
        package var canaries: any CanaryPublisher
        /// Of this process, for people.
        package var name: String

        package init(book: any HealthBook, canaries: any CanaryPublisher, name: String) {
            self.book = book
            self.canaries = canaries
            self.name = name
        }
    }
}
