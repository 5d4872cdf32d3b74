import FleetMetrics
import Synchronization

/// A distribution, with one series per set of label values.
package final class Histogram: Sendable {
    /// One series: an observation takes two atomic additions.
    package final class Series: Sendable {
        /// A box, because arrays cannot hold atomics.
        private final class Bucket: Sendable {
            let count = Atomic<Int>(0)
        }

        private let bounds: [Double]
        /// One per bound and one for +Inf; each counts only its own range.
        private let buckets: [Bucket]
        private let total = AtomicDouble()

        init(bounds: [Double]) {
            self.bounds = bounds
            buckets = (0...bounds.count).map { _ in Bucket() }
        }

        /// Counts a value; one that is not a number is ignored.
        package func observe(_ value: Double) {
            guard !value.isNaN else { return }
            var low = 0
            var high = bounds.count
            while low < high {
                let middle = (low + high) / 2
                if value <= bounds[middle] { high = middle } else { low = middle + 1 }
            }
            buckets[low].count.wrappingAdd(1, ordering: .relaxed)
            total.add(value)
        }

        /// Counts a length of time, in seconds.
        package func observe(_ duration: Duration) {
            let (seconds, attoseconds) = duration.components
            observe(Double(seconds) + Double(attoseconds) / 1e18)
        }

        /// The number of observations.
        package var count: Int { cumulativeCounts.last ?? 0 }

        /// The sum of all observed values.
        package var sum: Double { total.value }

        /// Observations up to each bound, then all of them.
        var cumulativeCounts: [Int] {
            var running = 0
            return buckets.map {
                running += $0.count.load(ordering: .relaxed)
                return running
            }
        }
    }

    let table: SeriesTable<Series>

    init(_ definition: MetricDefinition, limit: Int, problems: MetricProblems) {
        table = SeriesTable(definition, limit: limit, problems: problems) { Series(bounds: definition.buckets) }
    }

    /// The series of these label values, in the order of the metric's labels; created empty.
    package func with(_ labels: String...) -> Series { table.cell(labels) }

    /// The series of these label values.
    package func with(labels: [String]) -> Series { table.cell(labels) }

    /// Counts a value in the series of these label values.
    package func observe(_ value: Double, _ labels: String...) { table.cell(labels).observe(value) }

    /// Counts a length of time, in seconds, in the series of these label values.
    package func observe(_ duration: Duration, _ labels: String...) { table.cell(labels).observe(duration) }
}

extension Histogram: MetricSource {
    var definition: MetricDefinition { table.definition }

    func remove(_ series: AnyObject) -> Bool { table.remove(series) }

    func write(to text: inout PrometheusText) {
        let bucketLabels = definition.labels + ["le"]
        let bounds = definition.buckets.map(PrometheusText.number) + ["+Inf"]
        for (values, series) in table.snapshot() {
            // The count is the last bucket, not a number of its own: both always agree.
            let counts = series.cumulativeCounts
            for (bound, count) in zip(bounds, counts) {
                text.append(
                    name: "\(definition.name)_bucket", labels: bucketLabels, values: values + [bound],
                    value: Double(count))
            }
            text.append(
                name: "\(definition.name)_sum", labels: definition.labels, values: values, value: series.sum)
            text.append(
                name: "\(definition.name)_count", labels: definition.labels, values: values,
                value: Double(counts.last ?? 0))
        }
    }
}
