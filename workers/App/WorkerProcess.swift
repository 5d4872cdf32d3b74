import Catalogues
import Execution
import FleetBoot
import FleetMetrics
import FleetStore
import FleetTracing
import Logging
import Providers
import ServiceLifecycle
import TraceExport
import WorkerAssembly

/// Composes a worker: the rows, the tickets, the limiter, the providers.
struct WorkerProcess: FleetProcess {
    static let role = "worker"
    /// Steps in flight get their drain time; after that, paid answers are written however long the database is away.
    /// Who cannot wait sends a second signal.
    static let longestShutdown: Duration? = nil

    func services(_ context: ProcessContext) async throws -> [any Service] {
        let plan = try WorkerPlan(context)
        let connections = try await WorkerConnections(context, plan)
        let tracing = try FleetTracer(context, role: Self.role)
        let worker = try worker(plan, connections, WorkerSpans(tracing.tracer), context)
        connections.report(to: context.readiness, deafTo: { worker.deafTo })
        connections.show(in: context)
        return tracing.services + connections.services(context) + [
            ClosureService([
                {
                    try await connections.checkBroker()
                    try await worker.run()
                }
            ]) { await worker.drain(isPatient: { context.patience.isOn }) }
        ]
    }

    private func worker(
        _ plan: WorkerPlan, _ connections: WorkerConnections, _ spans: WorkerSpans, _ context: ProcessContext
    ) throws -> WorkerAssembly {
        let (models, logger) = (plan.catalogues.models, context.logger)
        let ledger = LedgerReader(pool: connections.pool, models: models.models)
        let caller = ProviderCaller(
            models: models.models, endpoints: plan.endpoints.endpoints, client: connections.client,
            onRefusal: { logger.report($0) })
        return try WorkerAssembly(
            Worker.Configuration(
                name: plan.name, agentTypes: plan.types, slots: plan.slots, drainTimeout: plan.drainTimeout),
            agents: plan.agents, models: models.models, billing: models.billing,
            ports: WorkerAssembly.Ports(
                store: PostgresStepStore(pool: connections.pool), source: connections.source,
                scheduler: connections.sender, caller: caller, redis: connections.redis,
                recentUse: { try await ledger.recentUse(of: $0) }),
            credentials: plan.endpoints.credentials, metrics: WorkerMetrics(context.registry), spans: spans,
            surroundings: WorkerAssembly.Surroundings(today: { context.today }), logger: logger)
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
