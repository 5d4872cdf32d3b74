import Coordination
package import FleetCore
package import Logging
import Synchronization

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

    /// A longer pause between two looks at the rows means that they could not be reached.
    private static let longestGap: Duration = .seconds(2)
    /// Others are done with a task in less; doubled each time that they are not.
    private static let postponement: Duration = .milliseconds(5)
    private static let longestPostponement: Duration = .milliseconds(40)
    /// Workers come back within a second after an outage; then several heartbeats.
    private static let heartbeatGrace: Duration = .seconds(3)

    private let configuration: Configuration
    private let catalogue: AgentCatalogue
    private let bounds: AttemptBounds
    private let workflow: Workflow
    private let store: any WorkflowStore
    private let publisher: any TicketPublisher
    private let deadTickets: any TicketSource
    private let metrics: any SchedulerMetrics
    private let time: any Timekeeper
    private let logger: Logger
    private let load = Mutex<[String: Int]>([:])
    private let advanceSignal = Nudge()
    /// Rung when one loop finds more than it takes at once.
    private let backlogSignal = Nudge()
    private let announcements: AsyncStream<[(taskID: String, json: String)]>
    private let announcer: AsyncStream<[(taskID: String, json: String)]>.Continuation
    private let dispatchSignal = Nudge()
    private let parkedSignal = Nudge()

    /// Does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - catalogue: its agents are written to the rows first of all.
    ///   - bounds: what an attempt of theirs may cost, written with them.
    ///   - deadTickets: reads the dead-letter queues; each ticket is recorded, then acknowledged.
    ///   - time: of this process.
    package init(
        configuration: Configuration = Configuration(), catalogue: AgentCatalogue, bounds: AttemptBounds,
        store: any WorkflowStore, publisher: any TicketPublisher, deadTickets: any TicketSource,
        metrics: any SchedulerMetrics,
        time: any Timekeeper = SystemTimekeeper(), logger: Logger
    ) {
        self.configuration = configuration
        self.catalogue = catalogue
        self.bounds = bounds
        workflow = Workflow(catalogue: catalogue)
        self.store = store
        self.publisher = publisher
        self.deadTickets = deadTickets
        self.metrics = metrics
        self.time = time
        self.logger = logger
        // What nobody gets to announce in time may be lost: the rows have it.
        (announcements, announcer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// Something happened to a task: look at once.
    package func wake() {
        advanceSignal.give()
    }

    /// The connection to the broker is a new one: it may have lost every ticket. All that are outstanding are issued
    /// again by the next sweep; one too many is forgotten by its worker.
    package func brokerReturned() {
        refusedQueues.withLock { $0.forget() }
        doubtsTickets.withLock { $0 = true }
        dispatchSignal.give()
    }

    private let doubtsTickets = Mutex(false)
    private let refusedQueues = Mutex(RefusedQueues())

    /// Runs until ``stop()`` or cancellation; a batch in progress is finished first.
    package func run() async throws {
        try await persistently("register agents") {
            try await self.store.register(self.catalogue.agents, bounds: self.bounds)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sweepLoop() }
            group.addTask { await self.recordDeadTickets() }
            group.addTask { await self.consumeDeadTickets() }
            group.addTask { await self.tick() }
            group.addTask {
                for await events in self.announcements { await self.publisher.announce(events) }
            }
            await withDiscardingTaskGroup { batches in
                batches.addTask { await self.advanceLoop(self.advanceSignal) }
                batches.addTask { await self.advanceLoop(self.backlogSignal) }
                batches.addTask { await self.dispatchLoop() }
                batches.addTask { await self.parkedLoop() }
            }
            // These four end with ``stop()``, after their batch; what is left only waits.
            group.cancelAll()
        }
    }

    /// Ends the loops.
    package func stop() {
        advanceSignal.close()
        backlogSignal.close()
        dispatchSignal.close()
        parkedSignal.close()
        stopped.withLock { $0 = true }
    }

    private let stopped = Mutex(false)
    private var isStopped: Bool { stopped.withLock { $0 } || Task.isCancelled }

    private func tick() async {
        while !isStopped {
            advanceSignal.give()
            dispatchSignal.give()
            parkedSignal.give()
            try? await time.sleep(for: configuration.tick)
        }
    }

    /// Two of them may run: tasks are locked, and what one has taken the other skips.
    private func advanceLoop(_ signal: Nudge) async {
        await withDiscardingTaskGroup { publishing in
            for await _ in signal.all {
                await attempt("advance") {
                    var postponement = Self.postponement
                    while !self.isStopped {
                        let report = try await self.advance()
                        guard !report.isEmpty else { break }
                        // Tasks do not wait for the broker.
                        publishing.addTask {
                            await self.attempt("publish") { _ = try await self.publish(report.tickets) }
                        }
                        if report.postponed > 0 && report.advanced == 0 {
                            // Somebody holds them for long: the tick comes back to them.
                            guard postponement <= Self.longestPostponement else { break }
                            try await self.time.sleep(for: postponement)
                            postponement *= 2
                        } else if report.postponed == 0 && report.admitted == 0
                            && report.wakeUps < self.configuration.advanceLimit
                        {
                            break
                        } else {
                            postponement = Self.postponement
                        }
                        if report.wakeUps == self.configuration.advanceLimit { self.backlogSignal.give() }
                    }
                }
            }
        }
    }

    private func advance() async throws -> AdvanceReport {
        let start = time.now
        let load = load.withLock { $0 }
        let report = try await store.advance(
            limit: configuration.advanceLimit, dispatchLimit: configuration.dispatchLimit
        ) { [workflow] snapshot, nextStepID in
            workflow.advance(snapshot, Workflow.Context(load: load, nextStepID: nextStepID))
        }
        guard !report.isEmpty else { return report }
        for (taskID, problem) in report.setAside {
            logger.error(
                "a task cannot be advanced and is set aside until the next sweep",
                metadata: ["task_id": "\(taskID)", "error": "\(problem)"])
        }
        // Usually everything went out along with the advance; queues that another scheduler was filling did not.
        if report.newSteps > report.tickets.count { dispatchSignal.give() }
        metrics.advanced(tasks: report.advanced, newSteps: report.newSteps, duration: time.now - start)
        for status in report.finished { metrics.finished(status) }
        announcer.yield(report.events)
        return report
    }

    private func dispatchLoop() async {
        for await _ in dispatchSignal.all {
            await attempt("dispatch") {
                while !self.isStopped {
                    let start = self.time.now
                    let tickets = try await self.store.dispatch(limitPerQueue: self.configuration.dispatchLimit)
                    guard !tickets.isEmpty else { break }
                    let refused = try await self.publish(tickets, since: start)
                    // The next tick tries again; at once would only spin against a broker that is away. A queue that
                    // takes none does not hold up the others.
                    if refused == tickets.count { break }
                }
            }
        }
    }

    /// Publishes tickets and undoes the dispatch of those that the broker did not take; returns how many.
    @discardableResult
    private func publish(_ tickets: [Ticket], since start: Duration? = nil) async throws -> Int {
        guard !tickets.isEmpty else { return 0 }
        let start = start ?? time.now
        let refused = await publisher.publish(tickets)
        metrics.dispatched(tickets.count - refused.count, refused: refused.count, duration: time.now - start)
        guard !refused.isEmpty else { return 0 }
        let refusedIDs = Set(refused)
        let refusedTickets = tickets.filter { refusedIDs.contains($0.stepID) }
        let undone = refusedQueues.withLock { [now = time.now] in $0.undone(refusedTickets, at: now) }
        guard !undone.isEmpty else { return refused.count }
        logger.warning(
            "the broker did not take tickets",
            metadata: [
                "count": "\(refused.count)",
                "agent_types": "\(Set(refusedTickets.map(\.agentType)).sorted().joined(separator: ","))",
            ])
        try await store.undoDispatch(stepIDs: undone.map(\.stepID))
        return refused.count
    }

    private func parkedLoop() async {
        for await _ in parkedSignal.all {
            await attempt("release parked steps") {
                while !self.isStopped {
                    let report = try await self.store.releaseParked(limit: 1000)
                    if report.released > 0 { self.dispatchSignal.give() }
                    try await self.publish(report.tickets)
                    // Wait for a step that is due before the next tick; one that is parked meanwhile waits for the
                    // tick.
                    guard let due = report.nextDue, due < self.configuration.tick else { break }
                    try await self.time.sleep(for: max(due, .milliseconds(2)))
                }
            }
        }
    }

    private func sweepLoop() async {
        var database = UnbrokenContact(longestGap: configuration.sweepInterval + Self.longestGap)
        while !isStopped {
            await attempt("sweep") {
                let load = try await self.store.load()
                database.heard(at: self.time.now)
                let sums = load.reduce(into: [String: Int]()) { $0[$1.agentType, default: 0] += $1.steps }
                self.load.withLock { $0 = sums }
                self.metrics.load(load)
                // After a start or an outage of the database the workers' heartbeats are as old as the outage: they get the
                // time for a few before anybody counts as dead, or live work would be taken over and paid twice. The time
                // counts from the database's return, which a call may have waited for: not from when it was missed.
                guard database.isSteady(for: Self.heartbeatGrace, at: self.time.now) else { return }
                var policy = self.configuration.sweep
                // Without an answer from the broker no ticket counts as lost; leases and wake-ups are looked at anyway.
                policy.queueDepths = (try? await self.publisher.queueDepths()) ?? [:]
                let doubtsTickets = self.doubtsTickets.withLock { $0 } && !policy.queueDepths.isEmpty
                if doubtsTickets {
                    policy.queueDepths = policy.queueDepths.mapValues { _ in 0 }
                    policy.ticketGrace = .zero
                }
                let report = try await self.store.sweep(policy)
                database.heard(at: self.time.now)
                guard let report else { return }
                if doubtsTickets { self.doubtsTickets.withLock { $0 = false } }
                self.metrics.swept(report)
                if !report.isEmpty {
                    self.logger.warning(
                        "lost work was found and given back",
                        metadata: [
                            "taken_over": "\(report.takenOver)", "quarantined": "\(report.quarantined)",
                            "reissued": "\(report.reissued)", "woken_up": "\(report.wokenUp)",
                            "without_agent_type": "\(report.withoutType)",
                        ])
                    self.advanceSignal.give()
                    self.dispatchSignal.give()
                }
            }
            try? await time.sleep(for: configuration.sweepInterval)
        }
    }

    /// Asked for again and again: what failed while the broker was away is made up for.
    private func consumeDeadTickets() async {
        while !isStopped {
            await deadTickets.setConsuming(.all)
            try? await time.sleep(for: .seconds(5))
        }
    }

    private func recordDeadTickets() async {
        for await batch in deadTickets.tickets {
            for ticket in batch {
                metrics.deadTicket(queue: ticket.queue)
                do {
                    try await persistently("record a dead ticket") {
                        try await self.store.recordDeadTicket(
                            ticket.body, queue: ticket.queue, reason: "rejected_ticket")
                    }
                    deadTickets.acknowledge([ticket.delivery])
                } catch {
                    deadTickets.requeue([ticket.delivery])
                }
            }
        }
    }

    /// Runs one round of a loop; a failure is logged and the next round tries again.
    private func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            guard !isStopped else { return }
            logger.error("\(what) failed, will be tried again", metadata: ["error": "\(error)"])
            try? await time.sleep(for: .milliseconds(200))
        }
    }

    /// Repeats until it works; throws only when the scheduler is told to stop.
    private func persistently(_ what: String, _ body: () async throws -> Void) async throws {
        var pause: Duration = .milliseconds(100)
        while true {
            do {
                return try await body()
            } catch {
                guard !isStopped else { throw error }
                logger.error("\(what) failed, will be tried again", metadata: ["error": "\(error)"])
                try? await time.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }
}
