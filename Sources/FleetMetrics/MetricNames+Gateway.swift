extension MetricNames {
    static let httpRequests = MetricDefinition.counter(
        "mixmyai_http_requests_total", help: "HTTP requests answered, by route pattern and status code.",
        labels: ["method", "route", "status"])
    static let httpDuration = MetricDefinition.histogram(
        "mixmyai_http_request_duration_seconds", help: "Time to answer HTTP requests, in seconds.",
        labels: ["method", "route"])
    static let httpInFlight = MetricDefinition.gauge(
        "mixmyai_http_requests_in_flight", help: "HTTP requests under way.")

    static let gateway = [httpRequests, httpDuration, httpInFlight]
}
