import FleetMetrics

/// A metric that can write its series.
protocol MetricSource: Sendable {
    var definition: MetricDefinition { get }
    func write(to text: inout PrometheusText)
    /// Takes one of its series out of the output.
    ///
    /// - Returns: false: it is none of its.
    func remove(_ series: AnyObject) -> Bool
}
