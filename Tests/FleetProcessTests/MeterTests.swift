import Autoscaling
import FleetCore
import Telemetry
import Testing

@testable import scheduler

@Suite struct MeterTests {
    /// A scaler that reads 0 lets workers go.
    @Test func whatIsNotKnownOfTheQueuesHasNoSeries() {
        let registry = MetricsRegistry()
        let meter = ScalingMeter(registry)
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
