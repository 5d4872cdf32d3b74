import Gateway
import Telemetry

/// Counts answered requests.
struct RequestMeter: RequestMetrics {
    private let requests: Counter
    private let durations: Histogram

    init(registry: MetricsRegistry) {
        requests = registry.counter(MetricNames.httpRequests)
        durations = registry.histogram(MetricNames.httpDuration)
    }

    func record(method: String, route: String, status: Int, duration: Duration) {
        requests.with(method, route, String(status)).increment()
        durations.with(method, route).observe(duration)
    }
}
