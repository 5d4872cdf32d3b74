import Autoscaling
import FleetCore
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
        _ = ScalingMeter(registry: registry)
        _ = ExecutionMeter(registry: registry)
        #expect(registry.problems.isEmpty)
        let counted = registry.render().split(separator: "\n").map { $0.split(separator: " ") }
            .filter { $0.starts(with: ["#", "TYPE"]) }.map { String($0[2]) }
        #expect(Set(MetricNames.all.map(\.name)).subtracting(counted) == [])
        #expect(Set(counted).subtracting(MetricNames.all.map(\.name)) == [])
    }

    /// A scaler that reads 0 lets workers go.
    @Test func whatIsNotKnownOfTheQueuesHasNoSeries() {
        let registry = MetricsRegistry()
        let meter = ScalingMeter(registry: registry)
        func series() -> [String] {
            registry.render().split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }.sorted()
        }
        let type = TypeBacklog(
            agentType: "analyst", role: .analyst, waiting: [.low: .init(ready: 60)], oldestAge: .seconds(3))
        meter.show(ScalingFigures([type], policy: ScalingPolicy(), asOf: 0))
        #expect(
            series() == [
                #"mixmyai_queue_oldest_age_seconds{agent_type="analyst"} 3"#,
                #"mixmyai_useful_workers{agent_type="analyst"} 10"#, #"mixmyai_wanted_workers{role="analyst"} 5"#,
                #"mixmyai_wanted_workers{role="coordinator"} 2"#, #"mixmyai_wanted_workers{role="manager"} 2"#,
                #"mixmyai_wanted_workers{role="specialist"} 10"#, #"task_queue_depth{agent_type="analyst"} 60"#,
            ])
        meter.show(nil)
        #expect(series().isEmpty)
    }
}
