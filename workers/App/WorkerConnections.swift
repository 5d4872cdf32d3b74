import AMQPClient
import ConnectionMetrics
import FleetBoot
import FleetBus
import FleetConnections
import FleetCore
import HTTPTransport
import PostgresClient
import ProcessProbes
import RedisClient
import ServiceLifecycle

/// A worker's ways to the servers and to the providers.
struct WorkerConnections {
    let pool: PostgresPool
    let redis: RedisClient
    let client: HTTPClient
    let source: AMQPTicketSource
    let sender: AMQPSchedulerNudger
    private let connections: Connections
    private let consumer: AMQPConsumer
    private let publisher: AMQPPublisher
    private let queues: [String]

    init(_ context: ProcessContext, _ plan: WorkerPlan) async throws {
        queues = plan.types.map(FleetTopology.ticketQueue)
        connections = Connections(context, role: WorkerProcess.role)
        pool = try await connections.database(connections: 4)
        redis = try connections.redis()
        publisher = try AMQPPublisher(
            configuration: try connections.broker("wake"), topology: FleetTopology.wakeTopology,
            logger: context.logger)
        consumer = try AMQPConsumer(
            configuration: try connections.broker("tickets"), topology: FleetTopology.topology(agentTypes: plan.types),
            logger: context.logger)
        source = AMQPTicketSource(
            consumer: consumer, queues: queues, prefetch: UInt16(clamping: max(1, plan.slots)))
        sender = AMQPSchedulerNudger(publisher: publisher)
        var http = HTTPClientConfiguration()
        http.connectionCacheSize = plan.slots
        http.userAgent = "mixmyai/\(FleetVersion.number)"
        client = try HTTPClient(configuration: http)
    }

    func show(in context: ProcessContext) {
        ConnectionMeter.show(
            in: context.registry, pool: pool, redis: redis,
            brokers: [{ [consumer] in consumer.health }, { [publisher] in publisher.health }])
    }

    func checkBroker() async throws {
        try await connections.checkBroker(publisher)
    }

    /// - Parameter deafTo: agent types from whose queues nothing comes although canaries go by.
    func report(to readiness: ReadinessSwitch, deafTo: @escaping @Sendable () -> [String]) {
        readiness.setChecks { [consumer, publisher, queues] in
            [
                .consuming(deafTo: deafTo(), of: queues.count),
                .broker("broker", consumer.health, consumer.advice, needs: queues),
                .broker("wake", publisher.health, publisher.advice, isNeeded: false),
            ]
        }
        readiness.need(.database(pool), .redis(redis))
    }

    func services(_ context: ProcessContext) -> [any Service] {
        [
            ClosureService([{ await context.untilShutdown() }]) { [client, redis, pool] in
                await client.shutdown()
                await redis.shutdown()
                await pool.shutdown()
            },
            ClosureService([
                { [publisher] in await publisher.run() }, { [sender] in await sender.run() },
                { [publisher] in await PublishingTrial(publisher).run(context) },
            ]) { [sender, publisher] in
                sender.finish()
                await publisher.shutdown()
            },
            ClosureService([{ [consumer] in await consumer.run() }, { [source] in await source.run() }]) {
                [consumer] in await consumer.shutdown()
            },
        ]
    }
}

extension Readiness.Check {
    /// Not ready if nothing comes from any queue.
    fileprivate static func consuming(deafTo types: [String], of queues: Int) -> Readiness.Check {
        guard !types.isEmpty else { return Readiness.Check("consuming") }
        let words = "nothing comes from the queues of \(types.joined(separator: ", ")) although canaries go by"
        return types.count < queues
            ? Readiness.Check("consuming", remark: words) : Readiness.Check("consuming", problem: words)
    }
}
