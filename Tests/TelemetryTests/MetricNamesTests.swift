import Glibc
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct MetricNamesTests {
    @Test func everyDefinitionIsValidAndUnique() {
        for definition in MetricNames.all { #expect(definition.problem == nil) }
        #expect(Set(MetricNames.all.map(\.name)).count == MetricNames.all.count)
    }

    @Test func namesFollowTheConventions() {
        for definition in MetricNames.all {
            let isSpecified = definition == MetricNames.taskQueueDepth
            #expect(isSpecified || definition.name.hasPrefix("mixmyai_") || definition.name.hasPrefix("process_"))
            #expect(!definition.name.contains("milliseconds"))
            #expect((definition.kind == .counter) == definition.name.hasSuffix("_total"))
            #expect(definition.help.hasSuffix("."))
            #expect(!definition.labels.contains { ["task_id", "step_id", "user_id", "email"].contains($0) })
            #expect(definition.kind != .histogram || definition.name.hasSuffix("_seconds"))
        }
    }

    @Test func buildInfoIsOneSeries() {
        let registry = MetricsRegistry()
        registry.setBuildInfo(version: "0.1.0", revision: "abc", role: "worker")
        registry.setBuildInfo(version: "0.1.0", revision: "abc", role: "worker")
        #expect(
            registry.render().hasSuffix(
                "gauge\nmixmyai_build_info{version=\"0.1.0\",revision=\"abc\",role=\"worker\"} 1\n"))
    }

    @Test func processMetricsAreReadFromTheKernel() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        #expect(registry.problems.isEmpty)
        func value(_ name: String) throws -> Double {
            let line = try #require(registry.render().split(separator: "\n").first { $0.hasPrefix("\(name) ") })
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(try value("process_max_fds") >= value("process_open_fds"))
        #expect(try value("process_open_fds") >= 1)
        #expect(try value("process_threads") >= 1)
        let now = Double(time(nil))
        // Boot time has whole seconds.
        #expect(try value("process_start_time_seconds") <= now + 2)
        #expect(try value("process_start_time_seconds") > now - 3600)
        #expect(try value("mixmyai_log_lines_dropped_total") == 0)
    }
}
