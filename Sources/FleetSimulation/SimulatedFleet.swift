import FleetCore
import Scheduling
import Synchronization

/// The processes and servers of one simulation.
///
/// Schedulers, workers and limiters are the product's own; only what they talk to is simulated.
final class SimulatedFleet: Sendable {
    struct State {
        var processes: [ProcessRole: SimulatedProcess] = [:]
        var links: [ProcessRole: [SimulatedServer.Name: NetworkPath]] = [:]
        var consumers: [ProcessRole: Int] = [:]
        var stopping: [ProcessRole: @Sendable () async -> Void] = [:]
        var schedulers: [ProcessRole: Scheduler] = [:]
        /// Which process a worker's row belongs to.
        var owners: [Int: SimulatedProcess] = [:]
        var running = 0
        var isClosed = false
        /// Spans in which no worker's heartbeats get through.
        var disturbances: [Range<Duration>] = []
    }

    let plan: SimulationPlan
    let world: VirtualTime
    let dice: Dice
    let servers: [SimulatedServer.Name: SimulatedServer]
    let database: SimulatedDatabase
    let broker: SimulatedBroker
    let redis: SimulatedRedis
    let provider: SimulatedProvider
    let limiterBook = LimiterBook()
    let bugs: Set<PlantedBug>
    let state: Mutex<State>
    let catalogue: AgentCatalogue
    private let clockOffsets: ClockOffsets

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

    /// No process is running any more.
    var isOver: Bool { state.withLock { $0.running == 0 } }

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
    private static let recovery: Duration = NetworkPath.timeout + .seconds(3)

    func timeOfDeath(worker: Int) -> Duration? { state.withLock { $0.owners[worker]?.timeOfDeath } }
    /// The simulation's time of a reading of the database's clock; as long as that has not jumped.
    func time(ofWallClock microseconds: Int) -> Duration { .microseconds(microseconds - ClockOffsets.epoch) }

    func process(_ role: ProcessRole) -> SimulatedProcess? { state.withLock { $0.processes[role] } }
    func link(_ role: ProcessRole, _ server: SimulatedServer.Name) -> NetworkPath? {
        state.withLock { $0.links[role]?[server] }
    }

    var workerRoles: [ProcessRole] { (0..<plan.workers).map { .worker($0) } }
    var roles: [ProcessRole] { workerRoles + (0..<plan.schedulers).map { .scheduler($0) } }

    func stepClock(of server: SimulatedServer.Name, by step: Duration) {
        clockOffsets.step(server, by: step)
    }
}
