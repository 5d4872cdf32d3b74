import AMQPClient
import Execution
import FleetBus
import FleetCore
import FleetLimits
import FleetStore
import HTTPTransport
import Logging
import PostgresClient
import Providers
import RedisClient
import ServiceLifecycle

/// Composes a worker: the rows, the tickets, the limiter, the providers.
struct WorkerProcess: FleetProcess {
    static let role = "worker"
    /// Steps in flight get their drain time; after that, paid answers are written however long the database is away.
    /// Who cannot wait sends a second signal.
    static let longestShutdown: Duration? = nil

    func services(_ boot: Boot) async throws -> [any Service] {
        let (settings, logger) = (boot.settings, boot.logger)
        let catalogues = try LoadedCatalogues(settings)
        let endpoints = try Endpoints(settings)
        let agents = try endpoints.usable(catalogues.agents, catalogues.models.models)
        try endpoints.checkPrices(agents, catalogues.models.models, on: boot.today)
        let types = try workedTypes(settings, agents)
        let slots = try settings.number("MIXMYAI_WORKER_SLOTS", default: 256, in: 1...20_000)
        let drain = try settings.number("MIXMYAI_DRAIN_SECONDS", default: 20, in: 0...3600)

        let connections = Connections(settings: settings, role: Self.role, logger: logger)
        let pool = try await connections.database(connections: 4)
        let redis = try connections.redis()
        let wakePublisher = try AMQPPublisher(
            configuration: try connections.broker("wake"), topology: FleetTopology.wakeTopology, logger: logger)
        let consumer = try AMQPConsumer(
            configuration: try connections.broker("tickets"), topology: FleetTopology.topology(agentTypes: types),
            logger: logger)
        let source = AMQPTicketSource(
            consumer: consumer, queues: types.map(FleetTopology.ticketQueue),
            prefetch: UInt16(clamping: max(1, slots)))
        let sender = AMQPWakeUpSender(publisher: wakePublisher)
        var http = HTTPClientConfiguration()
        http.connectionCacheSize = slots
        http.userAgent = "mixmyai/\(FleetVersion.number)"
        let client = try HTTPClient(configuration: http)
        let limits = LimitTable()
        let ledger = LedgerReader(pool: pool, models: catalogues.models.models)
        let limiter = RedisRateLimiter(redis: redis, limits: limits) { try await ledger.recentUse(of: $0) }
        let worker = try Worker(
            configuration: Worker.Configuration(
                name: settings.text("MIXMYAI_WORKER_NAME") ?? boot.defaultName, agentTypes: types, slots: slots,
                drainTimeout: .seconds(drain)),
            catalogue: agents, models: catalogues.models.models, billing: catalogues.models.billing,
            store: PostgresStepStore(pool: pool), source: source, scheduler: sender,
            caller: ProviderCaller(
                catalogue: catalogues.models, endpoints: endpoints.endpoints, client: client,
                onRefusal: { logger.report($0) }),
            limiter: limiter, limits: limits, credentials: endpoints.credentials,
            metrics: ExecutionMeter(registry: boot.registry), today: { boot.today }, logger: logger)
        boot.readiness.use {
            [
                .broker("broker", consumer.health, consumer.advice, needs: types.map(FleetTopology.ticketQueue)),
                .broker("wake", wakePublisher.health, wakePublisher.advice, isNeeded: false),
            ]
        }
        boot.readiness.need(.database(pool), .redis(redis))

        return [
            ClosureService([{ await boot.untilShutdown() }]) {
                await client.shutdown()
                await redis.shutdown()
                await pool.shutdown()
            },
            ClosureService([
                { await wakePublisher.run() }, { await sender.run() },
                { await PublishingTrial(wakePublisher).run(boot) },
            ]) {
                sender.finish()
                await wakePublisher.shutdown()
            },
            ClosureService([{ await consumer.run() }, { await source.run() }]) { await consumer.shutdown() },
            ClosureService([{ await boot.every(.milliseconds(300)) { await limiter.restoreRecentCalls() } }]),
            ClosureService([{ await limiter.run() }]) { limiter.finish() },
            ClosureService([
                {
                    try await connections.checkBroker(wakePublisher)
                    try await worker.run()
                }
            ]) { await worker.drain() },
        ]
    }

    /// The agent types to consume: those of the settings, or all.
    private func workedTypes(_ settings: Settings, _ agents: AgentCatalogue) throws(BootError) -> [String] {
        let all = agents.agents.map(\.type)
        guard let wanted = settings.list("MIXMYAI_WORKER_TYPES") else { return all }
        for type in wanted where agents[type] == nil {
            throw BootError(
                .setting,
                "MIXMYAI_WORKER_TYPES names '\(type)', which the agent catalogue does not have; it has "
                    + all.joined(separator: ", "))
        }
        return wanted
    }
}

extension Logger {
    /// A parameter that a model's server does not take: once, so that the catalogue can say it.
    fileprivate func report(_ refusal: RefusedParameter) {
        warning(
            "a model's server refuses a parameter, which is left out from now on; say so in the model catalogue",
            metadata: [
                "model": "\(refusal.model)", "parameter": "\(refusal.parameter)",
                "catalogue": "\(refusal.remedy ?? "has no key for it")",
            ])
    }
}
