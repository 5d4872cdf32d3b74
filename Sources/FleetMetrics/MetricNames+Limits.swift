extension MetricNames {
    static let rateLimitWait = MetricDefinition.histogram(
        "mixmyai_rate_limit_wait_seconds", help: "Time waited for capacity under a provider's limit, in seconds.",
        labels: ["model"], buckets: .callSeconds)
    static let limiterDecisions = MetricDefinition.counter(
        "mixmyai_limiter_decisions_total", help: "What the rate limiter said when it was asked for capacity.",
        labels: ["provider", "limit_class", "decision"])
    package static let providerLimit = MetricDefinition.gauge(
        "mixmyai_provider_limit", help: "Operators' limits: per minute, concurrency at a time.",
        labels: ["provider", "limit_class", "resource"])
    package static let providerLimitUsed = MetricDefinition.gauge(
        "mixmyai_provider_limit_used_ratio", help: "Share of a limit that the calls booked in the last 60 s have used.",
        labels: ["provider", "limit_class", "resource"])
    package static let limitWaiting = MetricDefinition.gauge(
        "mixmyai_limit_waiting_steps",
        help: "Running steps whose first call has waited for a limit for more than half a second, by cause.",
        labels: ["provider", "limit_class", "cause"])
    static let circuitOpen = MetricDefinition.gauge(
        "mixmyai_provider_circuit_open",
        help: "1 while this worker does not call a model, or (model empty) a provider, because it keeps failing.",
        labels: ["provider", "model"])
    package static let circuitsOpen = MetricDefinition.gauge(
        "mixmyai_circuits_open", help: "Workers that do not call a model, or (model empty) a provider.",
        labels: ["provider", "model"])

    static let limits = [
        rateLimitWait, limiterDecisions, providerLimit, providerLimitUsed, limitWaiting, circuitOpen, circuitsOpen,
    ]
}
