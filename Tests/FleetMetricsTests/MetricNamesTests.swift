import Testing

@testable import FleetMetrics

@Suite struct MetricNamesTests {
    private static let specified: Set<String> = [
        "task_completion_time_seconds", "task_success_rate", "agent_utilization", "ai_api_latency_seconds",
        "ai_api_cost_usd", "task_queue_depth",
    ]

    @Test func everyDefinitionIsValidAndUnique() {
        for definition in MetricNames.all { #expect(definition.problem == nil) }
        #expect(Set(MetricNames.all.map(\.name)).count == MetricNames.all.count)
        #expect(Set(MetricNames.all.map(\.help)).count == MetricNames.all.count)
    }

    @Test func namesFollowTheConventions() {
        #expect(Self.specified.isSubset(of: MetricNames.all.map(\.name)))
        for definition in MetricNames.all where !Self.specified.contains(definition.name) {
            #expect(definition.name.hasPrefix("mixmyai_") || definition.name.hasPrefix("process_"))
        }
        for definition in MetricNames.all {
            #expect(!definition.name.contains("milliseconds"))
            #expect((definition.kind == .counter) == definition.name.hasSuffix("_total"))
            #expect(definition.help.hasSuffix("."))
            #expect((definition.kind == .histogram) == !definition.buckets.isEmpty)
            // More could not be looked up without allocating.
            #expect(definition.labels.count <= 4)
            #expect(!definition.labels.contains { ["task_id", "step_id", "user_id", "worker", "email"].contains($0) })
        }
    }
}
