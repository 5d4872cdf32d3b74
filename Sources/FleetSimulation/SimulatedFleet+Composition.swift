import Execution
import FleetCore
import FleetTesting
import Logging
import Scheduling
import Synchronization
import WorkerAssembly

/// How a process is put together from the product's parts and what they talk to here.
extension SimulatedFleet {
    func runScheduler(
        _ role: ProcessRole, _ process: SimulatedProcess, _ links: [SimulatedServer.Name: NetworkPath]
    ) async {
        guard let rows = links[.database], let messages = links[.broker] else { return }
        let scheduler = Scheduler(
            configuration: Scheduler.Configuration(tick: .milliseconds(500)), catalogue: catalogue,
            bounds: plan.market.bounds,
            store: SimulatedWorkflowStore(database: database, route: rows, bugs: bugs),
            publisher: SimulatedTicketPublisher(
                broker: broker, link: messages, agentTypes: catalogue.agents.map(\.type)),
            deadTickets: NoDeadTickets(), time: process, logger: .silent)
        process.onDeath { scheduler.stop() }
        state.withLock { $0.stopping[role] = { scheduler.stop() } }
        state.withLock { $0.schedulers[role] = scheduler }
        if messages.isOpen { scheduler.brokerReturned() }
        try? await scheduler.run()
        state.withLock { $0.schedulers[role] = nil }
    }

    func runWorker(
        _ role: ProcessRole, _ process: SimulatedProcess, _ links: [SimulatedServer.Name: NetworkPath]
    ) async {
        guard let rows = links[.database], let messages = links[.broker], let cache = links[.redis],
            let calls = links[.provider]
        else { return }
        let source = SimulatedTicketSource(
            broker: broker, link: messages, queues: catalogue.agents.map(\.type), prefetch: plan.slots, world: world,
            dice: dice)
        state.withLock { $0.consumers[role] = source.consumer }
        process.onDeath { [broker] in broker.removeConsumer(source.consumer) }
        defer { broker.removeConsumer(source.consumer) }
        let ports = WorkerAssembly.Ports(
            store: SimulatedStepStore(database: database, route: rows, bugs: bugs) { id in
                self.state.withLock { $0.owners[id] = process }
            }, source: source, scheduler: SchedulerNudge { self.wakeScheduler() },
            caller: SimulatedModelCaller(
                provider: provider, link: calls, isQuotaAFault: bugs.contains(.quotaCostsAttempts)),
            redis: SimulatedScriptServer(redis: redis, link: cache),
            recentUse: { [database, models = plan.market.models] key in
                try await rows.call { database.recentUse(of: key, models: models) }
            })
        let surroundings = WorkerAssembly.Surroundings(
            today: { SimulatedProvider.day }, time: process, random: { [dice] in dice.fraction() },
            newEpoch: { [dice] in dice.seed() })
        let assembly = try? WorkerAssembly(
            Worker.Configuration(name: process.name, agentTypes: catalogue.agents.map(\.type), slots: plan.slots),
            agents: catalogue, models: plan.market.models, ports: ports, credentials: [:],
            surroundings: surroundings, logger: .silent
        ) { limiter in
            let hasty = HastyLimiter(provider: provider, limits: plan.limits, time: process)
            return BookkeepingLimiter(
                bugs.contains(.limiterChecksThenActs) ? hasty : limiter, book: limiterBook, bugs: bugs)
        }
        guard let worker = assembly else { return }
        state.withLock { $0.stopping[role] = { await worker.drain() } }
        try? await worker.run()
    }
}

/// The nudge to the scheduler as a closure.
private struct SchedulerNudge: SchedulerNudger {
    let wake: @Sendable () -> Void
    func wakeScheduler() { wake() }
}

extension Logger {
    /// Logs nothing.
    fileprivate static var silent: Logger { Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() } }
}
