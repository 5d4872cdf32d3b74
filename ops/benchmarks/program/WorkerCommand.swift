import AMQPClient
import ArgumentParser
import Catalogues
import Execution
import FleetBus
import FleetCore
import FleetMetrics
import FleetStore
import PostgresClient
import RedisClient
import UTC
import UnixSignals
import WorkerAssembly

/// `fleet-bench worker`: a worker as in production, but for its model.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Works until SIGTERM, with a model that answers by itself.")

    @Option(help: "Steps in flight at once.") var slots = 256
    @Option(help: "Milliseconds that a call takes; 0: it returns at once.") var callMs = 0
    @Option(help: "What plans look like.") var plan = PlanShape.graph
    @Option(help: "Name of the worker.") var name = "bench-worker"
    @Option(help: "Database connections.") var connections = 4
    @Option(help: "File that gets `step,start,end` of every call, in microseconds.") var callLog: String?

    func run() async throws {
        let servers = Servers()
        let catalogue = try servers.catalogues()
        let log = callLog.map { MeasuredLog(path: $0) }
        let types = catalogue.agents.agents.map(\.type)
        let pool = try servers.database(connections: connections)
        let redis = try servers.redis()
        let wakePublisher = try AMQPPublisher(
            configuration: servers.broker("wake"), topology: FleetTopology.wakeTopology, logger: servers.logger)
        let consumer = try AMQPConsumer(
            configuration: servers.broker("tickets"), topology: FleetTopology.topology(agentTypes: types),
            logger: servers.logger)
        let source = AMQPTicketSource(
            consumer: consumer, queues: types.map(FleetTopology.ticketQueue), prefetch: UInt16(clamping: slots))
        let sender = AMQPSchedulerNudger(publisher: wakePublisher)
        let ledger = LedgerReader(pool: pool, models: catalogue.models.models)
        let caller = CannedCaller(
            answers: CannedAnswers(shape: plan), delay: callMs > 0 ? .milliseconds(callMs) : nil, log: log)
        let worker = try WorkerAssembly(
            Worker.Configuration(name: name, agentTypes: types, slots: slots), agents: catalogue.agents,
            models: catalogue.models.models,
            ports: WorkerAssembly.Ports(
                store: PostgresStepStore(pool: pool), source: source, scheduler: sender, caller: caller, redis: redis,
                recentUse: { try await ledger.recentUse(of: $0) }),
            credentials: ["openai": "bench", "anthropic": "bench"], metrics: .none,
            surroundings: WorkerAssembly.Surroundings(
                today: { Timestamp.day(microseconds: WallClock.microseconds) }), logger: servers.logger)

        try await withThrowingTaskGroup { group in
            group.addTask { await wakePublisher.run() }
            group.addTask { await sender.run() }
            group.addTask { await consumer.run() }
            group.addTask { await source.run() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    await worker.drain()
                    return
                }
            }
            try await wakePublisher.waitUntilReady(timeout: .seconds(15))
            try await worker.run()
            sender.finish()
            await consumer.shutdown()
            await wakePublisher.shutdown()
            group.cancelAll()
        }
        await redis.shutdown()
        await pool.shutdown()
        try log?.save()
    }
}
