import FleetMetrics

/// A metric that goes up and down, with one series per set of label values.
package final class Gauge: Sendable {
    package final class Series: Sendable {
        private let number: AtomicDouble

        init(_ value: Double = 0) {
            number = AtomicDouble(value)
        }

        package func set(_ value: Double) { number.store(value) }

        /// Sets a whole value.
        package func set(_ value: Int) { number.store(Double(value)) }

        /// Adds to the value; negative amounts lower it.
        package func add(_ amount: Double) { number.add(amount) }

        package func increment() { number.add(1) }

        /// Takes one off.
        package func decrement() { number.add(-1) }

        /// The value now.
        package var value: Double { number.value }
    }

    let table: SeriesTable<Series>

    init(_ definition: MetricDefinition, limit: Int, problems: MetricProblems) {
        table = SeriesTable(definition, limit: limit, problems: problems) { Series() }
    }

    /// The series of these label values, in the order of the metric's labels; created at 0.
    package func with(_ labels: String...) -> Series { table.cell(labels) }

    /// The series of these label values.
    package func with(labels: [String]) -> Series { table.cell(labels) }

    /// Sets the series of these label values.
    package func set(_ value: Double, _ labels: String...) { table.cell(labels).set(value) }

    /// Sets the series of these label values to a whole value.
    package func set(_ value: Int, _ labels: String...) { table.cell(labels).set(value) }

    /// Adds to the series of these label values.
    package func add(_ amount: Double, _ labels: String...) { table.cell(labels).add(amount) }

    /// Adds one to the series of these label values.
    package func increment(_ labels: String...) { table.cell(labels).increment() }

    /// Takes one off the series of these label values.
    package func decrement(_ labels: String...) { table.cell(labels).decrement() }

    /// Takes a series out of the output: what it measured is gone, until it is set again.
    package func remove(_ labels: String...) { table.remove(labels) }

    /// Makes these the only series, so that what is gone does not keep its last value. Series kept from before are
    /// no longer shown; label sets beyond the limit are left out. Not for a metric without labels.
    package func replaceAll(_ values: [[String]: Double]) {
        table.replaceAll(values.mapValues { Series($0) })
    }
}

extension Gauge: MetricSource {
    var definition: MetricDefinition { table.definition }

    func remove(_ series: AnyObject) -> Bool { table.remove(series) }

    func write(to text: inout PrometheusText) {
        for (values, series) in table.snapshot() {
            text.append(name: definition.name, labels: definition.labels, values: values, value: series.value)
        }
    }
}
