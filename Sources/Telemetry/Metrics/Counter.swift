import FleetMetrics
import Synchronization

/// A metric that only grows, with one series per set of label values.
///
/// `counter.increment("a", "b")` looks the series up; where it matters, keep `counter.with("a", "b")`.
package final class Counter: Sendable {
    /// One series: incrementing it takes one atomic addition.
    package final class Series: Sendable {
        /// Whole increments; apart from fractions, so that counting stays exact and one instruction.
        private let whole = Atomic<Int>(0)
        private let fractions = AtomicDouble()

        init() {}

        /// Adds to the count; a negative amount is ignored, for a counter never falls.
        package func increment(by amount: Int = 1) {
            guard amount > 0 else { return }
            whole.wrappingAdd(amount, ordering: .relaxed)
        }

        /// Adds a fraction, such as dollars or seconds; a negative or non-finite amount is ignored.
        package func add(_ amount: Double) {
            guard amount > 0, amount.isFinite else { return }
            fractions.add(amount)
        }

        /// The count so far.
        package var value: Double { Double(whole.load(ordering: .relaxed)) + fractions.value }
    }

    let table: SeriesTable<Series>

    init(_ definition: MetricDefinition, limit: Int, problems: MetricProblems) {
        table = SeriesTable(definition, limit: limit, problems: problems) { Series() }
    }

    /// The series of these label values, in the order of the metric's labels; created at 0.
    package func with(_ labels: String...) -> Series { table.cell(labels) }

    /// The series of these label values.
    package func with(labels: [String]) -> Series { table.cell(labels) }

    /// Adds to the series of these label values.
    package func increment(by amount: Int = 1, _ labels: String...) {
        table.cell(labels).increment(by: amount)
    }

    /// Adds a fraction to the series of these label values.
    package func add(_ amount: Double, _ labels: String...) {
        table.cell(labels).add(amount)
    }
}

extension Counter: MetricSource {
    var definition: MetricDefinition { table.definition }

    func remove(_ series: AnyObject) -> Bool { table.remove(series) }

    func write(to text: inout PrometheusText) {
        for (values, series) in table.snapshot() {
            text.append(name: definition.name, labels: definition.labels, values: values, value: series.value)
        }
    }
}
