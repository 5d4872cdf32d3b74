import AMQPClient
import Catalogues
import ConnectionMetrics
import FleetBoot
import FleetBus
import FleetConnections
import FleetCore
import FleetMetrics
import FleetStore
import FleetTracing
import Logging
import PostgresClient
import ProcessProbes
import Scheduling
import ServiceLifecycle
import TraceExport

/// Composes a scheduler: the rows, the tickets, the nudges.
struct SchedulerProcess: FleetProcess {
    static let role = "scheduler"

    func services(_ context: ProcessContext) async throws -> [any Service] {
        let (logger, catalogues) = (context.logger, try context.settings.catalogues())
        let types = catalogues.agents.agents.map(\.type)
        let tracing = try FleetTracer(context, role: Self.role)
        let connections = Connections(context, role: Self.role)
        let pool = try await connections.database(connections: 6)
        let publisher = try AMQPPublisher(
            configuration: try connections.broker("tickets"), topology: FleetTopology.topology(agentTypes: types),
            logger: logger)
        let nudges = try AMQPConsumer(
            configuration: try connections.broker("wake"), topology: FleetTopology.listenerTopology, logger: logger)
        let deadLetters = try AMQPConsumer(
            configuration: try connections.broker("dead"), topology: FleetTopology.topology(agentTypes: types),
            logger: logger)
        let deadTickets = AMQPTicketSource(
            consumer: deadLetters, queues: types.map(FleetTopology.deadQueue), prefetch: 100)
        let tickets = AMQPTicketPublisher(publisher: publisher, agentTypes: types)
        let scheduler = Scheduler(
            catalogue: catalogues.agents, bounds: catalogues.attemptBounds,
            store: PostgresWorkflowStore(pool: pool), publisher: tickets, deadTickets: deadTickets,
            operations: PostgresOperationBook(pool: pool), batches: PostgresBatchKeeper(pool: pool),
            health: Scheduler.SignsOfLife(
                book: PostgresHealthBook(pool: pool), canaries: tickets, name: context.defaultName),
            metrics: SchedulerMetrics(context.registry, agentTypes: Set(types)),
            spans: SchedulerSpans(tracing.tracer), logger: logger)
        let listener = NudgeListener(consumer: nudges) { scheduler.wake() }
        context.readiness.setChecks {
            [
                .broker("broker", publisher.health, publisher.advice, needs: types.map(FleetTopology.ticketQueue)),
                .broker("wake", nudges.health, nudges.advice, isNeeded: false),
                .broker("dead_letters", deadLetters.health, deadLetters.advice, isNeeded: false),
                Readiness.Check("duties", problem: scheduler.trouble),
            ]
        }
        context.readiness.need(.database(pool))
        ConnectionMeter.show(
            in: context.registry, pool: pool,
            brokers: [{ publisher.health }, { nudges.health }, { deadLetters.health }])
        return tracing.services + [
            ClosureService([{ await context.untilShutdown() }]) { await pool.shutdown() },
            watches(context, pool, catalogues),
            ClosureService([
                { await publisher.run() },
                {
                    // After an outage of the broker its queues may be empty: look at once what is missing there.
                    for await state in publisher.states where state == .ready { scheduler.brokerReturned() }
                },
                { await PublishingTrial(publisher).run(context) },
            ]) { await publisher.shutdown() },
            ClosureService([{ await deadLetters.run() }, { await deadTickets.run() }]) { await deadLetters.shutdown() },
            ClosureService([{ await nudges.run() }, { await listener.run() }]) { await nudges.shutdown() },
            ClosureService([
                {
                    try await connections.checkBroker(publisher)
                    try await scheduler.run()
                }
            ]) { scheduler.stop() },
        ]
    }

    /// Looks at the rows for those who watch the fleet.
    private func watches(_ context: ProcessContext, _ pool: PostgresPool, _ catalogues: FleetCatalogues) -> any Service
    {
        let scaling = ScalingWatch(pool: pool, metrics: context.registry, logger: context.logger)
        context.pages.add(scaling.page)
        let rows = RowsWatch(
            pool: pool, meter: RowsMeter(context.registry, catalogues: catalogues), logger: context.logger)
        return ClosureService([
            { await scaling.run(context) }, { await scaling.expire(context) },
            { await rows.run(context) }, { await rows.expire(context) },
        ])
    }
}
