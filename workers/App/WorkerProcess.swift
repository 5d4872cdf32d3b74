import AMQPClient
import Catalogues
import Execution
import FleetBoot
import FleetBus
import FleetConnections
import FleetCore
import FleetStore
import HTTPTransport
import Logging
import PostgresClient
import Providers
import RedisClient
import ServiceLifecycle
import WorkerAssembly

/// Composes a worker: the rows, the tickets, the limiter, the providers.
struct WorkerProcess: FleetProcess {
    static let role = "worker"
    /// Steps in flight get their drain time; after that, paid answers are written however long the database is away.
    /// Who cannot wait sends a second signal.
    static let longestShutdown: Duration? = nil

    func services(_ context: ProcessContext) async throws -> [any Service] {
        let (settings, logger) = (context.settings, context.logger)
        let catalogues = try settings.catalogues()
        let endpoints = try Endpoints(settings)
        let agents = try endpoints.usable(catalogues.agents, catalogues.models.models)
        try endpoints.checkPrices(agents, catalogues.models.models, on: context.today)
        let types = try workedTypes(settings, agents)
        let slots = try settings.number("MIXMYAI_WORKER_SLOTS", default: 256, in: 1...20_000)
        let drain = try settings.number("MIXMYAI_DRAIN_SECONDS", default: 20, in: 0...3600)

        let connections = Connections(context, role: Self.role)
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
        let ledger = LedgerReader(pool: pool, models: catalogues.models.models)
        let caller = ProviderCaller(
            models: catalogues.models.models, endpoints: endpoints.endpoints, client: client,
            onRefusal: { logger.report($0) })
        let worker = try WorkerAssembly(
            Worker.Configuration(
                name: settings.text("MIXMYAI_WORKER_NAME") ?? context.defaultName, agentTypes: types, slots: slots,
                drainTimeout: .seconds(drain)),
            agents: agents, models: catalogues.models.models, billing: catalogues.models.billing,
            ports: WorkerAssembly.Ports(
                store: PostgresStepStore(pool: pool), source: source, scheduler: sender, caller: caller, redis: redis,
                recentUse: { try await ledger.recentUse(of: $0) }),
            credentials: endpoints.credentials, metrics: ExecutionMeter(registry: context.registry),
            surroundings: WorkerAssembly.Surroundings(today: { context.today }), logger: logger)
        context.readiness.setChecks {
            [
                .broker("broker", consumer.health, consumer.advice, needs: types.map(FleetTopology.ticketQueue)),
                .broker("wake", wakePublisher.health, wakePublisher.advice, isNeeded: false),
            ]
        }
        context.readiness.need(.database(pool), .redis(redis))

        return [
            ClosureService([{ await context.untilShutdown() }]) {
                await client.shutdown()
                await redis.shutdown()
                await pool.shutdown()
            },
            ClosureService([
                { await wakePublisher.run() }, { await sender.run() },
                { await PublishingTrial(wakePublisher).run(context) },
            ]) {
                sender.finish()
                await wakePublisher.shutdown()
            },
            ClosureService([{ await consumer.run() }, { await source.run() }]) { await consumer.shutdown() },
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
