import AMQPClient
import FleetBus
import FleetCore
import FleetStore
import Gateway
import Logging
import PostgresClient
import RedisClient
import ServiceLifecycle
import Telemetry

/// Composes a gateway: the API, the rows, the hints.
struct GatewayProcess: FleetProcess {
    static let role = "gateway"

    func services(_ boot: Boot) async throws -> [any Service] {
        let (settings, logger) = (boot.settings, boot.logger)
        let connections = Connections(settings: settings, role: Self.role, logger: logger)
        let pool = try await connections.database(connections: 8)
        let redis = try connections.redis()
        let publisher = try AMQPPublisher(
            configuration: try connections.broker("wake"), topology: FleetTopology.wakeTopology, logger: logger)
        let sender = AMQPWakeUpSender(publisher: publisher)
        let tasks = PostgresTaskRepository(pool: pool)
        let (database, cache) = (DependencyProbe.database(pool), DependencyProbe.redis(redis))
        // Workers call the providers: without one that lives nobody does.
        let workers = DependencyProbe("workers") {
            let alive = try await pool.withSession { try $0.execute(WorkerCensus.alive).int(0, 0) }
            guard alive > 0 else { throw BootError(.database, "no worker is alive") }
        }
        let gateway = Gateway(
            configuration: GatewayConfiguration(
                host: settings.text("MIXMYAI_HOST") ?? "127.0.0.1",
                port: try settings.number("MIXMYAI_PORT", default: 8080, in: 0...65_535)),
            dependencies: GatewayDependencies(
                tasks: tasks, keys: tasks,
                probes: [
                    HealthProbe("database", isEssential: true, check: database.require),
                    HealthProbe("redis", check: cache.require),
                    HealthProbe("message_queue") {
                        guard publisher.state == .ready else { throw BootError(.broker, "the broker is not connected") }
                    },
                    HealthProbe("ai_service", check: workers.require),
                ],
                wakeScheduler: { sender.wakeScheduler() }, metrics: RequestMeter(registry: boot.registry)))
        // An answer that says why is worth more to clients than a refused connection: nothing that is away counts.
        boot.readiness.show([database, cache, workers])
        return [
            ClosureService([{ await boot.untilShutdown() }]) {
                await redis.shutdown()
                await pool.shutdown()
            },
            ClosureService([
                { await publisher.run() }, { await sender.run() }, { await PublishingTrial(publisher).run(boot) },
            ]) {
                sender.finish()
                await publisher.shutdown()
            },
            gateway.application(logger: logger) { _ in
                // Tasks are rows: without the broker they are taken all the same, and scheduled a moment later.
                boot.readiness.use { [.broker("broker", publisher.health, publisher.advice, isNeeded: false)] }
            },
        ]
    }
}

/// Counts answered requests.
struct RequestMeter: RequestMetrics {
    private let requests: Counter
    private let durations: Histogram

    init(registry: MetricsRegistry) {
        requests = registry.counter(MetricNames.httpRequests)
        durations = registry.histogram(MetricNames.httpDuration)
    }

    func record(method: String, route: String, status: Int, duration: Duration) {
        requests.with(method, route, String(status)).increment()
        durations.with(method, route).observe(duration)
    }
}
