package import Execution
package import FleetCore
package import FleetLimits
package import FleetMetrics
package import FleetTracing
package import Logging

/// A worker and the limiter that its calls go through: one way to put them together, whatever they talk to.
///
/// The worker process, the benchmark and the simulation run this; they differ in the ports alone.
package struct WorkerAssembly: Sendable {
    /// What the worker talks to.
    package struct Ports: Sendable {
        package var store: any StepStore
        package var source: any TicketSource
        package var scheduler: any SchedulerNudger
        package var caller: any ModelCaller
        package var redis: any ScriptingRedis
        /// Reads the last minute of a bucket set from the ledger.
        package var recentUse: @Sendable (RateLimitKey) async throws -> RecentUse

        package init(
            store: any StepStore, source: any TicketSource, scheduler: any SchedulerNudger, caller: any ModelCaller,
            redis: any ScriptingRedis, recentUse: @escaping @Sendable (RateLimitKey) async throws -> RecentUse
        ) {
            self.store = store
            self.source = source
            self.scheduler = scheduler
            self.caller = caller
            self.redis = redis
            self.recentUse = recentUse
        }
    }

    /// Where time and chance come from.
    package struct Surroundings: Sendable {
        package var time: any Timekeeper
        /// Today's UTC day, `YYYY-MM-DD`, for dated prices.
        package var today: @Sendable () -> String
        /// A number in 0..<1.
        package var random: @Sendable () -> Double
        /// Names a new incarnation of the limiter's state, differently each time.
        package var newEpoch: @Sendable () -> UInt64

        /// Without arguments for time and chance, the system's own.
        package init(
            today: @escaping @Sendable () -> String, time: any Timekeeper = SystemTimekeeper(),
            random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
            newEpoch: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 1...UInt64.max) }
        ) {
            self.today = today
            self.time = time
            self.random = random
            self.newEpoch = newEpoch
        }
    }

    private let worker: Worker
    private let limiter: RedisRateLimiter

    /// - Parameter observing: what the worker asks instead of the limiter, made of it; a simulation listens there.
    /// - Throws: if the catalogue's schemas use something that is not supported.
    package init(
        _ configuration: Worker.Configuration, agents: AgentCatalogue, models: [ModelSpec],
        billing: BillingRules = BillingRules(), ports: Ports, credentials: [String: String],
        metrics: WorkerMetrics = .none, spans: WorkerSpans = .none, surroundings: Surroundings, logger: Logger,
        observing: (any RateLimiter) -> any RateLimiter = { $0 }
    ) throws {
        limiter = RedisRateLimiter(
            redis: ports.redis, recentUse: ports.recentUse, time: surroundings.time, newEpoch: surroundings.newEpoch
        ) { error in
            logger.warning("calls cannot be counted again, will be tried", metadata: ["error": "\(error)"])
        }
        worker = try Worker(
            configuration: configuration, catalogue: agents, models: models, billing: billing, store: ports.store,
            source: ports.source, scheduler: ports.scheduler, caller: ports.caller, limiter: observing(limiter),
            credentials: credentials, metrics: metrics, spans: spans, today: surroundings.today,
            time: surroundings.time, random: surroundings.random, logger: logger)
    }

    /// Works until ``drain()`` was called and the last step is settled.
    ///
    /// - Throws: ``WorkerForgotten`` if the database has lost the worker's row.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await limiter.run() }
            // Calls in flight hold their places until the last of them is settled.
            defer { limiter.finish() }
            try await worker.run()
        }
    }

    /// Agent types from whose queues nothing comes although canaries go by.
    package var deafTo: [String] { worker.deafTo }

    /// Stops taking work; steps in flight may finish within the drain timeout, then they are handed back.
    ///
    /// - Parameter isPatient: as long as it says so, steps in flight may take as long as they do.
    package func drain(isPatient: @Sendable () -> Bool = { false }) async {
        await worker.drain(isPatient: isPatient)
    }
}
