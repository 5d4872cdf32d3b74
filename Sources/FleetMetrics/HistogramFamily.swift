package import CoreMetrics

/// Values that are counted in the buckets of their definition.
package struct HistogramFamily: Sendable {
    private let handles: HandleTable<CoreMetrics.Recorder>

    package init(_ definition: MetricDefinition, _ factory: any MetricsFactory) {
        handles = HandleTable(definition) { Recorder(label: $0, dimensions: $1, aggregate: true, factory: factory) }
    }

    package func record(_ value: Double, _ first: String = "", _ second: String = "") {
        handles[LabelValues(first, second)].record(value)
    }

    package func record(_ duration: Duration, _ first: String = "", _ second: String = "") {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) / 1e18, first, second)
    }
}
