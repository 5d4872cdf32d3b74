import Telemetry
import Testing

@testable import gateway
@testable import scheduler
@testable import worker

@Suite struct MeterTests {
    /// A name that nobody counts under promises a dashboard what it can never show.
    @Test func everyMetricIsCountedByAProcess() {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        registry.setBuildInfo(version: "0.1.0", revision: "", role: "worker")
        _ = RequestMeter(registry: registry)
        _ = SchedulerMeter(registry: registry)
        _ = ExecutionMeter(registry: registry)
        #expect(registry.problems.isEmpty)
        let counted = registry.render().split(separator: "\n").map { $0.split(separator: " ") }
            .filter { $0.starts(with: ["#", "TYPE"]) }.map { String($0[2]) }
        #expect(Set(MetricNames.all.map(\.name)).subtracting(counted) == [])
        #expect(Set(counted).subtracting(MetricNames.all.map(\.name)) == [])
    }
}
