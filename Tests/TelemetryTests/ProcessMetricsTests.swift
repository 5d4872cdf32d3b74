import FleetMetrics
import Glibc
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct ProcessMetricsTests {
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
