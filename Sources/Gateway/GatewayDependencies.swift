public import FleetCore

/// What the gateway needs from the rest of the process.
public struct GatewayDependencies: Sendable {
    /// The rows.
    public var tasks: any TaskRepository
    /// Who may do what.
    public var keys: any APIKeyStore
    /// Asked by `GET /api/v1/health`.
    public var probes: [HealthProbe]
    /// Tells the scheduler that there is work; may be lost, must not wait.
    public var wakeScheduler: @Sendable () -> Void
    /// Tells live listeners about stored events; may be lost, must not wait.
    public var announce: @Sendable (_ taskID: String, _ events: [StoredEvent]) -> Void
    /// Counts requests of users; nil: no quotas.
    public var quota: (any RequestQuota)?
    /// Told about each answered request.
    public var metrics: any RequestMetrics

    /// What is left out does nothing.
    public init(
        tasks: any TaskRepository, keys: any APIKeyStore, probes: [HealthProbe] = [],
        wakeScheduler: @escaping @Sendable () -> Void = {},
        announce: @escaping @Sendable (_ taskID: String, _ events: [StoredEvent]) -> Void = { _, _ in },
        quota: (any RequestQuota)? = nil, metrics: any RequestMetrics = NoRequestMetrics()
    ) {
        self.tasks = tasks
        self.keys = keys
        self.probes = probes
        self.wakeScheduler = wakeScheduler
        self.announce = announce
        self.quota = quota
        self.metrics = metrics
    }
}

/// Counts answered requests.
public protocol RequestMetrics: Sendable {
    /// Called once per request, when its answer's head is decided.
    ///
    /// - Parameters:
    ///   - method: `other` for an unusual one.
    ///   - route: the route's pattern, `none` if there was none: few different values.
    ///   - duration: until the answer was ready, or began for a streamed one.
    func record(method: String, route: String, status: Int, duration: Duration)
}

/// Counts nothing.
public struct NoRequestMetrics: RequestMetrics {
    /// Has no state.
    public init() {}

    /// Does nothing.
    public func record(method: String, route: String, status: Int, duration: Duration) {}
}
