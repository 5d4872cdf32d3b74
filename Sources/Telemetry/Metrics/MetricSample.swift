import FleetMetrics

/// A value read when the metrics are asked for.
package struct MetricSample: Sendable, Equatable {
    /// Label values, in the order of the metric's labels.
    package var labels: [String]
    /// The value now.
    package var value: Double

    /// A value under its label values.
    package init(_ value: Double, _ labels: String...) {
        self.labels = labels
        self.value = value
    }

    /// A whole value under its label values.
    package init(_ value: Int, _ labels: String...) {
        self.labels = labels
        self.value = Double(value)
    }
}

/// A counter or gauge whose values somebody else keeps.
struct CallbackMetric: MetricSource {
    let definition: MetricDefinition
    let limit: Int
    let problems: MetricProblems
    let read: @Sendable () -> [MetricSample]

    func remove(_ series: AnyObject) -> Bool { false }

    func write(to text: inout PrometheusText) {
        var seen: Set<[String]> = []
        for sample in read() {
            guard sample.labels.count == definition.labels.count else {
                problems.add(
                    TelemetryError(
                        .labelCount, "\(definition.name) has \(definition.labels.count) labels, not \(sample.labels)"))
                continue
            }
            guard seen.count < limit else {
                problems.add(
                    TelemetryError(.labelOverflow, "\(definition.name) has more than \(limit) label sets"))
                return
            }
            guard seen.insert(sample.labels).inserted else { continue }
            text.append(name: definition.name, labels: definition.labels, values: sample.labels, value: sample.value)
        }
    }
}
