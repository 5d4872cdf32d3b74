import Execution
import FleetCore
import FleetTesting
import Logging
import Scheduling
import Synchronization
import WorkerAssembly

/// The processes and servers of one simulation, and how they are put together.
///
/// Schedulers, workers and limiters are the product's own; only what they talk to is simulated.
final class SimulatedFleet: Sendable {
    private struct State {
        var processes: [ProcessRole: SimulatedProcess] = [:]
        var links: [ProcessRole: [SimulatedServer.Name: Link]] = [:]
        var consumers: [ProcessRole: Int] = [:]
        var stopping: [ProcessRole: @Sendable () async -> Void] = [:]
        /// Which process a worker's row belongs to.
        var owners: [Int: SimulatedProcess] = [:]
        var running = 0
        var isClosed = false
        /// Spans in which no worker's heartbeats get through.
        var disturbances: [Range<Duration>] = []
        var accepted: [String] = []
    }

    private static let heartbeatTimeout: Duration = .seconds(4)

    let plan: SimulationPlan
    let world: VirtualTime
    let dice: Dice
    let servers: [SimulatedServer.Name: SimulatedServer]
    let database: SimulatedDatabase
    let broker: SimulatedBroker
    let redis: SimulatedRedis
    let provider: SimulatedProvider
    let limiterBook = LimiterBook()
    private let bugs: Set<PlantedBug>
    private let state: Mutex<State>
    private let clockOffsets: ClockOffsets
    private let catalogue: AgentCatalogue

    init(_ plan: SimulationPlan, bugs: Set<PlantedBug>) {
        self.plan = plan
        self.bugs = bugs
        catalogue = plan.market.agents
        world = VirtualTime(seed: plan.seed)
        dice = Dice(seed: plan.seed)
        let clockOffsets = ClockOffsets()
        self.clockOffsets = clockOffsets
        state = Mutex(State())
        let latencies: [SimulatedServer.Name: ClosedRange<Duration>] = [
            .database: .microseconds(300)...(.milliseconds(3)), .broker: .microseconds(200)...(.milliseconds(2)),
            .redis: .microseconds(100)...(.milliseconds(1)), .provider: .milliseconds(5)...(.milliseconds(40)),
        ]
        servers = Dictionary(
            uniqueKeysWithValues: latencies.map { ($0.key, SimulatedServer($0.key, latency: $0.value)) })
        database = SimulatedDatabase(clock: clockOffsets.wallClock(of: .database, world), bugs: bugs)
        redis = SimulatedRedis(clock: clockOffsets.wallClock(of: .redis, world))
        broker = SimulatedBroker(
            world: world, server: servers[.broker] ?? SimulatedServer(.broker, latency: .zero...(.zero)), dice: dice,
            acknowledgesAtOnce: bugs.contains(.acknowledgeBeforeCommit))
        provider = SimulatedProvider(world: world, dice: dice, plan: plan, bugs: bugs)
        database.setLimits(
            plan.market.settings.map { setting in
                var setting = setting
                if bugs.contains(.concurrencyIsForgotten) { setting.limits.concurrency = nil }
                return setting
            })
    }

    // MARK: What the simulation asks

    /// No process is running any more.
    var isOver: Bool { state.withLock { $0.running == 0 } }
    /// Submissions whose acceptance was heard by their owner.
    var accepted: [String] { state.withLock { $0.accepted } }
    /// Whether the worker with this id was killed, stopped, or cut off at this moment or shortly before.
    ///
    /// - Parameter moment: nil: at any time.
    func wasDisturbed(worker: Int, at moment: Duration?) -> Bool {
        state.withLock { state in
            guard let process = state.owners[worker] else { return true }
            return (process.disturbances + state.disturbances).contains { span in
                guard let moment else { return true }
                return span.lowerBound <= moment && moment < span.upperBound + Self.recovery
            }
        }
    }

    /// No worker's heartbeats get through for so long: others may rightly think them dead.
    func disturbWorkers(for duration: Duration) {
        state.withLock { $0.disturbances.append(world.now..<world.now + duration) }
    }

    /// After what went wrong is over: a call that hangs is given up and made anew, and what was decided meanwhile is done.
    private static let recovery: Duration = Link.timeout + .seconds(3)

    func timeOfDeath(worker: Int) -> Duration? { state.withLock { $0.owners[worker]?.timeOfDeath } }
    /// The simulation's time of a reading of the database's clock; as long as that has not jumped.
    func time(ofWallClock microseconds: Int) -> Duration { .microseconds(microseconds - ClockOffsets.epoch) }

    func process(_ role: ProcessRole) -> SimulatedProcess? { state.withLock { $0.processes[role] } }
    func link(_ role: ProcessRole, _ server: SimulatedServer.Name) -> Link? {
        state.withLock { $0.links[role]?[server] }
    }
    var workerRoles: [ProcessRole] { (0..<plan.workers).map { .worker($0) } }
    private var roles: [ProcessRole] { workerRoles + (0..<plan.schedulers).map { .scheduler($0) } }

    // MARK: Life of processes

    func startAll() {
        for role in roles { start(role) }
    }

    /// Starts a process in a role, unless somebody has taken the place of the last one already.
    func start(_ role: ProcessRole, after predecessor: SimulatedProcess? = nil) {
        guard !state.withLock({ $0.isClosed || $0.processes[role] !== predecessor }) else { return }
        let process = SimulatedProcess(name: "\(role)", world: world)
        let links = servers.mapValues { Link(from: process, to: $0, dice: dice) }
        state.withLock { state in
            state.processes[role] = process
            state.links[role] = links
            state.consumers[role] = nil
            state.stopping[role] = {}
            state.running += 1
        }
        Task(executorPreference: world) {
            switch role {
            case .worker: await self.runWorker(role, process, links)
            case .scheduler: await self.runScheduler(role, process, links)
            }
            let isTerminated = self.state.withLock { state in
                state.running -= 1
                return state.stopping[role] == nil
            }
            // It could not begin: its supervisor starts it again.
            if process.isAlive && !isTerminated && self.process(role) === process {
                process.kill()
                self.world.after(.milliseconds(500)) { self.start(role, after: process) }
            }
        }
    }

    private func runScheduler(
        _ role: ProcessRole, _ process: SimulatedProcess, _ links: [SimulatedServer.Name: Link]
    ) async {
        guard let rows = links[.database], let messages = links[.broker] else { return }
        let scheduler = Scheduler(
            configuration: Scheduler.Configuration(tick: .milliseconds(500)), catalogue: catalogue,
            bounds: plan.market.bounds,
            store: SimulatedWorkflowStore(database: database, route: rows, bugs: bugs),
            publisher: SimulatedTicketPublisher(
                broker: broker, link: messages, agentTypes: catalogue.agents.map(\.type)),
            deadTickets: NoDeadTickets(), metrics: NoSchedulerMetrics(), time: process, logger: .silent)
        process.onDeath { scheduler.stop() }
        state.withLock { $0.stopping[role] = { scheduler.stop() } }
        schedulers.withLock { $0[role] = scheduler }
        if messages.isOpen { scheduler.brokerReturned() }
        try? await scheduler.run()
        schedulers.withLock { $0[role] = nil }
    }

    private let schedulers = Mutex<[ProcessRole: Scheduler]>([:])

    /// Their connections to the broker are new ones.
    func tellSchedulersOfBroker() {
        for scheduler in schedulers.withLock({ Array($0.values) }) { scheduler.brokerReturned() }
    }

    private func runWorker(
        _ role: ProcessRole, _ process: SimulatedProcess, _ links: [SimulatedServer.Name: Link]
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
            }, source: source, scheduler: Hint { self.wakeScheduler() },
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
            metrics: NoExecutionMetrics(), surroundings: surroundings, logger: .silent
        ) { limiter in
            let hasty = HastyLimiter(provider: provider, limits: plan.limits, time: process)
            return BookkeepingLimiter(
                bugs.contains(.limiterChecksThenActs) ? hasty : limiter, book: limiterBook, bugs: bugs)
        }
        guard let worker = assembly else { return }
        state.withLock { $0.stopping[role] = { await worker.drain() } }
        try? await worker.run()
    }

    /// A hint to whichever scheduler hears it.
    private func wakeScheduler() {
        world.after(dice.duration(.milliseconds(1), .milliseconds(5))) {
            guard self.servers[.broker]?.isUp ?? false else { return }
            let schedulers = self.schedulers.withLock { $0 }
            let roles = schedulers.keys.sorted { "\($0)" < "\($1)" }
            if let role = self.dice.pick(roles) { schedulers[role]?.wake() }
        }
    }

    /// kill -9, and a successor after a while.
    func kill(_ role: ProcessRole, pause: Duration) {
        guard let process = process(role), process.isAlive else { return }
        process.kill()
        world.after(pause) { self.start(role, after: process) }
    }

    /// kill -9 at one of the next effects.
    func arm(_ role: ProcessRole, _ fuse: SimulatedProcess.Fuse, pause: Duration) {
        guard let process = process(role), process.isAlive else { return }
        process.onDeath { [world] in world.after(pause) { self.start(role, after: process) } }
        process.arm(fuse)
    }

    /// SIGTERM, and a successor once the process has ended.
    func terminate(_ role: ProcessRole, pause: Duration) {
        guard let process = process(role), process.isAlive, let stop = state.withLock({ $0.stopping[role] }) else {
            return
        }
        state.withLock { $0.stopping[role] = nil }
        Task(executorPreference: world) {
            await stop()
            await process.pause(for: pause)
            if process.isAlive && self.process(role) === process {
                process.kill()
                self.start(role, after: process)
            }
        }
    }

    /// Heals everything; whoever was killed is started again.
    func heal() {
        for server in SimulatedServer.Name.allCases {
            servers[server]?.slow(by: 1)
            servers[server]?.setUp(true)
        }
        broker.comeBack()
        tellSchedulersOfBroker()
        broker.disorder(false)
        broker.stopLosing()
        provider.set(SimulatedProvider.Faults())
        provider.endRefusals()
        for role in roles {
            process(role)?.resume()
            for server in SimulatedServer.Name.allCases { link(role, server)?.cut(false) }
        }
        broker.connectAll()
    }

    /// Ends every process in order, as an operator would.
    func shutDown() {
        state.withLock { $0.isClosed = true }
        for role in roles { terminate(role, pause: .zero) }
    }

    // MARK: Servers

    func stepClock(of server: SimulatedServer.Name, by step: Duration) {
        clockOffsets.step(server, by: step)
    }

    /// A worker that does not reach the broker loses its deliveries when its heartbeats run out there.
    func loseConsumer(_ role: ProcessRole, after cut: Duration) {
        guard cut > Self.heartbeatTimeout, let consumer = state.withLock({ $0.consumers[role] }) else { return }
        world.after(Self.heartbeatTimeout) { self.broker.dropConnection(consumer) }
    }

    // MARK: Owners of tasks

    /// Hands a task in and tries again until it is told that it was accepted.
    func submit(_ submission: SimulationPlan.Submission) {
        let owner = SimulatedProcess(name: "owner", world: world)
        guard let server = servers[.database] else { return }
        let link = Link(from: owner, to: server, dice: dice)
        let task = NewTask(
            id: submission.taskID, userID: submission.userID,
            submission: TaskSubmission(
                title: "A task", description: "What has to be done, at length.", priority: submission.priority))
        Task(executorPreference: world) { [database] in
            while true {
                do {
                    try await link.call { database.submit([task]) }
                    break
                } catch {
                    await owner.pause(for: .milliseconds(500))
                }
            }
            self.state.withLock { $0.accepted.append(task.id) }
            self.wakeScheduler()
        }
    }

    func change(_ change: SimulationPlan.Change) {
        switch change.kind {
        case .cancel: database.cancel(change.taskID)
        case .retry: database.retry(change.taskID)
        case .revise(let scope):
            database.revise(
                change.taskID, revisionID: "rev_\(change.taskID)_\(change.at)",
                RevisionRequest(request: "Better.", scope: scope))
        }
        wakeScheduler()
    }
}

/// How far servers' clocks are off.
private final class ClockOffsets: Sendable {
    /// 2026-01-01 in microseconds since 1970: where the wall clocks begin.
    static let epoch = 1_767_225_600_000_000

    private let offsets = Mutex<[SimulatedServer.Name: Duration]>([:])

    /// A server's own reading of the time, in microseconds since 1970.
    func wallClock(of server: SimulatedServer.Name, _ world: VirtualTime) -> @Sendable () -> Int {
        { Self.epoch + SimulatedDatabase.microseconds(world.now + self.offsets.withLock { $0[server] ?? .zero }) }
    }

    func step(_ server: SimulatedServer.Name, by step: Duration) {
        offsets.withLock { $0[server, default: .zero] += step }
    }
}

/// The hint to the scheduler as a closure.
private struct Hint: WakeUpSender {
    let wake: @Sendable () -> Void
    func wakeScheduler() { wake() }
}

extension Logger {
    /// Logs nothing.
    fileprivate static var silent: Logger { Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() } }
}
