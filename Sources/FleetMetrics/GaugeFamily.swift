package import CoreMetrics

/// What goes up and down.
package struct GaugeFamily: Sendable {
    private let handles: HandleTable<CoreMetrics.Meter>

    /// - Parameter isOptional: it has no series, also without labels, while its value is not known.
    package init(_ definition: MetricDefinition, _ factory: any MetricsFactory, isOptional: Bool = false) {
        handles = HandleTable(definition, isOptional: isOptional) { Meter(label: $0, dimensions: $1, factory: factory) }
    }

    package func set(_ value: Double, _ first: String = "", _ second: String = "") {
        handles[LabelValues(first, second)].set(value)
    }

    package func add(_ amount: Double, _ first: String = "") {
        let handle = handles[LabelValues(first)]
        if amount < 0 { handle.decrement(by: -amount) } else { handle.increment(by: amount) }
    }

    /// Makes these the only series: what is gone does not keep its last value.
    package func replaceAll(_ values: [LabelValues: Double]) {
        for (labels, value) in values { handles[labels].set(value) }
        for handle in handles.keep(values.keys) { handle.destroy() }
    }

    /// Of an optional one without labels; nil: not known.
    package func replace(_ value: Double?) {
        replaceAll(value.map { [LabelValues(): $0] } ?? [:])
    }
}
