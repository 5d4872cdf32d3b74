import AMQPClient
import ConnectionMetrics
import FleetBoot
import FleetBus
import FleetConnections
import FleetCore
import FleetMetrics
import FleetStore
import FleetTracing
import Gateway
import Logging
import PostgresClient
import RedisClient
import ServiceLifecycle
import Telemetry
import TraceExport

/// Composes a gateway: the API, the rows, the nudges.
struct GatewayProcess: FleetProcess {
    static let role = "gateway"
    /// Of one statement: a client that waits for an answer gives up before long, and an answer that says why is better.
    private static let databasePatience: Duration = .seconds(5)

    func services(_ context: ProcessContext) async throws -> [any Service] {
        let (settings, logger) = (context.settings, context.logger)
        let tracing = try FleetTracer(context, role: Self.role)
        let connections = Connections(context, role: Self.role)
        let pool = try await connections.database(connections: 8, patience: Self.databasePatience)
        let redis = try connections.redis()
        let publisher = try AMQPPublisher(
            configuration: try connections.broker("wake"), topology: FleetTopology.wakeTopology, logger: logger)
        let sender = AMQPSchedulerNudger(publisher: publisher)
        let tasks = PostgresTaskRepository(pool: pool)
        let (database, cache) = (DependencyProbe.database(pool), DependencyProbe.redis(redis))
        let broker = DependencyProbe.broker(publisher)
        // Workers call the providers: without one that lives nobody does.
        let workers = DependencyProbe("workers") {
            guard try await OperatorStore(pool: pool).livingWorkers() > 0 else {
                throw BootError(.database, "no worker is alive")
            }
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
                    HealthProbe("message_queue", check: broker.require),
                    HealthProbe("ai_service", check: workers.require),
                ],
                wakeScheduler: { sender.wakeScheduler() }, metrics: GatewayMetrics(context.registry),
                spans: GatewaySpans(tracing.tracer)))
        // An answer that says why is worth more to clients than a refused connection: nothing that is away counts.
        context.readiness.show([database, cache, broker, workers])
        ConnectionMeter.show(in: context.registry, pool: pool, redis: redis, brokers: [{ publisher.health }])
        return tracing.services + [
            ClosureService([{ await context.untilShutdown() }]) {
                await redis.shutdown()
                await pool.shutdown()
            },
            ClosureService([
                { await publisher.run() }, { await sender.run() }, { await PublishingTrial(publisher).run(context) },
            ]) {
                sender.finish()
                await publisher.shutdown()
            },
            gateway.application(logger: logger) { _ in
                // Tasks are rows: without the broker they are taken all the same, and scheduled a moment later.
                context.readiness.setChecks { [.broker("broker", publisher.health, publisher.advice, isNeeded: false)] }
            },
        ]
    }
}
