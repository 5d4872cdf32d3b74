package import FleetCore
package import FleetMetrics
package import FleetTracing

/// What the gateway needs from the rest of the process.
package struct GatewayDependencies: Sendable {
    /// The rows.
    package var tasks: any TaskRepository
    /// Who may do what.
    package var keys: any APIKeyStore
    /// Asked by `GET /api/v1/health`.
    package var probes: [HealthProbe]
    /// Tells the scheduler that there is work; may be lost, must not wait.
    package var wakeScheduler: @Sendable () -> Void
    /// Tells live listeners about stored events; may be lost, must not wait.
    package var announce: @Sendable (_ taskID: String, _ events: [StoredTaskEvent]) -> Void
    package var metrics: GatewayMetrics
    package var spans: GatewaySpans

    /// What is left out does nothing.
    package init(
        tasks: any TaskRepository, keys: any APIKeyStore, probes: [HealthProbe] = [],
        wakeScheduler: @escaping @Sendable () -> Void = {},
        announce: @escaping @Sendable (_ taskID: String, _ events: [StoredTaskEvent]) -> Void = { _, _ in },
        metrics: GatewayMetrics = .none, spans: GatewaySpans = .none
    ) {
        self.tasks = tasks
        self.keys = keys
        self.probes = probes
        self.wakeScheduler = wakeScheduler
        self.announce = announce
        self.metrics = metrics
        self.spans = spans
    }
}
