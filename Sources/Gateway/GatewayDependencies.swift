package import FleetCore

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
    /// Told about each answered request.
    package var metrics: any RequestMetrics

    /// What is left out does nothing.
    package init(
        tasks: any TaskRepository, keys: any APIKeyStore, probes: [HealthProbe] = [],
        wakeScheduler: @escaping @Sendable () -> Void = {},
        announce: @escaping @Sendable (_ taskID: String, _ events: [StoredTaskEvent]) -> Void = { _, _ in },
        metrics: any RequestMetrics = NoRequestMetrics()
    ) {
        self.tasks = tasks
        self.keys = keys
        self.probes = probes
        self.wakeScheduler = wakeScheduler
        self.announce = announce
        self.metrics = metrics
    }
}

/// Counts answered requests.
package protocol RequestMetrics: Sendable {
    /// Called once per request, when its answer's head is decided.
    ///
    /// - Parameters:
    ///   - method: `other` for an unusual one.
    ///   - route: the route's pattern, `none` if there was none: few different values.
    ///   - duration: until the answer was ready, or began for a streamed one.
    func record(method: String, route: String, status: Int, duration: Duration)
}

/// Counts nothing.
package struct NoRequestMetrics: RequestMetrics {
    package init() {}

    /// Does nothing.
    package func record(method: String, route: String, status: Int, duration: Duration) {}
}
