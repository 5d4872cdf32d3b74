package import CoreMetrics

/// Whole things that are counted.
package struct CounterFamily: Sendable {
    private let handles: HandleTable<CoreMetrics.Counter>

    /// - Parameter known: label values that are shown as 0 before anything is counted: a first increase is then seen.
    package init(
        _ definition: MetricDefinition, _ factory: any MetricsFactory, known: [LabelValues] = []
    ) {
        handles = HandleTable(definition) { Counter(label: $0, dimensions: $1, factory: factory) }
        for values in known { _ = handles[values] }
    }

    package func add(
        _ amount: Int = 1, _ first: String = "", _ second: String = "", _ third: String = "", _ fourth: String = ""
    ) {
        guard amount > 0 else { return }
        handles[LabelValues(first, second, third, fourth)].increment(by: amount)
    }
}

/// Fractions that are added up, such as dollars.
package struct AmountFamily: Sendable {
    private let handles: HandleTable<CoreMetrics.FloatingPointCounter>

    package init(_ definition: MetricDefinition, _ factory: any MetricsFactory) {
        handles = HandleTable(definition) { FloatingPointCounter(label: $0, dimensions: $1, factory: factory) }
    }

    package func add(_ amount: Double, _ first: String = "", _ second: String = "") {
        handles[LabelValues(first, second)].increment(by: amount)
    }
}
