/// A metric that can write its series.
protocol MetricSource: Sendable {
    var definition: MetricDefinition { get }
    func write(to text: inout PrometheusText)
}
