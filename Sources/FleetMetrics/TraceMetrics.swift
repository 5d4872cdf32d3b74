package import CoreMetrics

/// What every process records of its traces: zeros where nothing is traced.
package struct TraceMetrics: Sendable {
    /// What becomes of spans.
    package enum Outcome: String, Sendable, CaseIterable {
        case exported, dropped, failed
    }

    private let spans: CounterFamily
    private let failures: CounterFamily

    package init(_ factory: any MetricsFactory) {
        spans = CounterFamily(
            MetricNames.spans, factory, known: Outcome.allCases.map { LabelValues($0.rawValue) })
        failures = CounterFamily(MetricNames.spanSendFailures, factory)
    }

    package func spans(_ count: Int, _ outcome: Outcome) { spans.add(count, outcome.rawValue) }

    /// A request to the collector had no success.
    package func sendFailed() { failures.add() }
}
