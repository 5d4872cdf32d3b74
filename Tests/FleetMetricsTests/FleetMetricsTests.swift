import FleetCore
import Telemetry
import Testing

@testable import FleetMetrics

@Suite struct FleetMetricsTests {
    private let registry = MetricsRegistry()

    private func series(_ name: String) -> [String] {
        registry.render().split(separator: "\n").map(String.init).filter { $0.hasPrefix(name) }
    }

    @Test func allThatIsRecordedHasItsDefinition() {
        _ = WorkerMetrics(registry)
        _ = SchedulerMetrics(registry, agentTypes: ["manager"])
        _ = GatewayMetrics(registry)
        #expect(registry.problems.isEmpty)
        let shown = registry.render().split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .map { String($0.split(separator: " ")[2]) }
        #expect(Set(shown).isSubset(of: MetricNames.all.map(\.name)))
        #expect(shown.count > 30)
    }

    @Test func whatIsNotKnownHasNoSeries() {
        let gauge = GaugeFamily(MetricNames.longestSilence, registry, isOptional: true)
        #expect(series("mixmyai_task_longest").isEmpty)
        gauge.replace(3)
        #expect(series("mixmyai_task_longest") == ["mixmyai_task_longest_silence_seconds 3"])
        gauge.replace(nil)
        #expect(series("mixmyai_task_longest").isEmpty)
        gauge.replace(4)
        #expect(series("mixmyai_task_longest") == ["mixmyai_task_longest_silence_seconds 4"])
    }

    @Test func whatIsGoneDoesNotKeepItsLastValue() {
        let gauge = GaugeFamily(MetricNames.holds, registry)
        gauge.replaceAll([LabelValues("type"): 1, LabelValues("user"): 2])
        gauge.replaceAll([LabelValues("user"): 3])
        #expect(series("mixmyai_holds") == [#"mixmyai_holds{scope="user"} 3"#])
    }

    @Test func agentTypesThatTheCatalogueDoesNotHaveAreOthers() {
        let metrics = SchedulerMetrics(registry, agentTypes: ["manager"])
        metrics.load([
            QueueLoad(agentType: "manager", state: .ready, steps: 1),
            QueueLoad(agentType: "made_up", state: .ready, steps: 2),
            QueueLoad(agentType: "gone", state: .ready, steps: 3),
        ])
        #expect(
            series("mixmyai_queue_steps") == [
                #"mixmyai_queue_steps{agent_type="manager",state="ready"} 1"#,
                #"mixmyai_queue_steps{agent_type="other",state="ready"} 5"#,
            ])
        metrics.deadTicket(queue: "agent.manager.dead")
        metrics.deadTicket(queue: "agent.gone.dead")
        #expect(
            series("mixmyai_dead_tickets") == [
                #"mixmyai_dead_tickets_total{agent_type="manager"} 1"#,
                #"mixmyai_dead_tickets_total{agent_type="other"} 1"#,
            ])
    }

    @Test func aFamilyHasABoundedNumberOfSeries() {
        let counter = CounterFamily(MetricNames.taskRequests, registry)
        for number in 0..<2100 { counter.add(1, "\(number)") }
        #expect(series("mixmyai_task_requests_total").count == 2001)
        #expect(
            series(#"mixmyai_task_requests_total{action="other"}"#) == [
                #"mixmyai_task_requests_total{action="other"} 100"#
            ])
    }

    @Test func theSuccessRateIsOfTheLastTenMinutes() {
        var window = EndingsWindow()
        #expect(window.rate(at: .zero) == nil)
        window.add(hasAnswer: false, at: .seconds(30))
        for second in [90, 95, 100] { window.add(hasAnswer: true, at: .seconds(second)) }
        #expect(window.rate(at: .seconds(100)) == 0.75)
        #expect(window.rate(at: .seconds(620)) == 1)
        #expect(window.rate(at: .seconds(700)) == nil)
    }
}
