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
            #expect(definition.name.hasPrefix("mixmyai_") || definition.name.hasPrefix("process_"))
            #expect(!definition.name.contains("milliseconds"))
            #expect((definition.kind == .counter) == definition.name.hasSuffix("_total"))
            #expect(definition.help.hasSuffix("."))
            #expect(!definition.labels.contains { ["task_id", "step_id", "user_id", "email"].contains($0) })
            let isSmallCount = definition.buckets == HistogramBuckets.attempts.bounds
            #expect(definition.kind != .histogram || definition.name.hasSuffix("_seconds") || isSmallCount)
        }
    }

    @Test func metersShareTheirMetricsWithoutProblems() {
        let registry = MetricsRegistry()
        let worker = ExecutionMeter(registry)
        let calls = CallMeter(registry)
        _ = SchedulerMeter(registry)
        _ = ExecutionMeter(registry)
        #expect(worker.calls.calls === calls.calls)
        #expect(registry.problems.isEmpty)
        let names = Set(MetricNames.all.map(\.name))
        for line in registry.render().split(separator: "\n") where line.hasPrefix("# TYPE ") {
            #expect(names.contains(String(line.split(separator: " ")[2])))
        }
    }

    @Test func callIsCountedOncePerKindOfToken() {
        let registry = MetricsRegistry()
        CallMeter(registry).ended(
            provider: "openai", model: "gpt-6-luna", outcome: "succeeded", duration: .seconds(3), inputTokens: 100,
            cacheReadTokens: 60, cacheWriteTokens: 30, outputTokens: 7, costUSD: 0.25)
        let text = registry.render()
        let model = #"provider="openai",model="gpt-6-luna""#
        #expect(text.contains("\nmixmyai_llm_requests_total{\(model),outcome=\"succeeded\"} 1\n"))
        #expect(text.contains("\nmixmyai_llm_tokens_total{\(model),direction=\"input\",cache=\"none\"} 10\n"))
        #expect(text.contains("\nmixmyai_llm_tokens_total{\(model),direction=\"input\",cache=\"read\"} 60\n"))
        #expect(text.contains("\nmixmyai_llm_tokens_total{\(model),direction=\"input\",cache=\"write\"} 30\n"))
        #expect(text.contains("\nmixmyai_llm_tokens_total{\(model),direction=\"output\",cache=\"none\"} 7\n"))
        #expect(text.contains("\nmixmyai_llm_cost_usd_total{\(model)} 0.25\n"))
        #expect(text.contains("\nmixmyai_llm_request_duration_seconds_sum{\(model)} 3\n"))
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
