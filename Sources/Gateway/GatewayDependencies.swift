public import FleetCore

/// What the gateway needs from the rest of the process.
public struct GatewayDependencies: Sendable {
    public var tasks: any TaskRepository
    public var keys: any APIKeyStore
    /// Asked by `GET /api/v1/health`.
    public var probes: [HealthProbe]
    /// Tells the scheduler that there is work; may be lost, must not wait.
    public var wakeScheduler: @Sendable () -> Void
    /// Tells live listeners about stored events; may be lost, must not wait.
    public var announce: @Sendable (_ taskID: String, _ events: [StoredEvent]) -> Void
    public var metrics: any RequestMetrics

    public init(
        tasks: any TaskRepository, keys: any APIKeyStore, probes: [HealthProbe] = [],
        wakeScheduler: @escaping @Sendable () -> Void = {},
        announce: @escaping @Sendable (_ taskID: String, _ events: [StoredEvent]) -> Void = { _, _ in },
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
public protocol RequestMetrics: Sendable {
    /// Called once per request, when its answer's head is decided.
    ///
    /// - Parameters:
    ///   - route: the route's pattern, `none` if there was none: few different values.
    ///   - duration: until the answer was ready, or began for a streamed one.
    func record(method: String, route: String, status: Int, duration: Duration)
}

/// Counts nothing.
public struct NoRequestMetrics: RequestMetrics {
    public init() {}

    public func record(method: String, route: String, status: Int, duration: Duration) {}
}
