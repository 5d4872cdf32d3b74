import FleetMetrics
import Foundation
import FoundationNetworking
import RepositoryFixtures
import Testing

/// What docs/metrics.md says, the code defines, and a fleet shows.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DocumentedMetricsTests {
    private struct Row: Hashable {
        var name: String
        var kind: String
        var labels: [String]
    }

    private static let bucketNames: [String: HistogramBuckets] = [
        "request": .seconds, "call": .callSeconds, "wait": .waitSeconds, "task": .taskSeconds, "money": .dollars,
        "attempts": .attempts,
    ]

    /// The rows of the tables of metrics: name, type, labels, and two columns of words.
    private static func documented() throws -> [(row: Row, buckets: String?)] {
        let text = try String(contentsOf: RepositoryFiles.url("docs/metrics.md"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 7, let name = cells[1].firstMatch(of: /^`([a-z0-9_]+)`$/)?.output.1,
                let kind = cells[2].firstMatch(of: /^(counter|gauge|histogram)(?: \((\w+)\))?$/)
            else { return nil }
            // What stands in brackets are values of the label before.
            let labels = cells[3].replacing(/\([^)]*\)/, with: "").matches(of: /`([a-z_]+)`/).map {
                String($0.output.1)
            }
            return (
                Row(name: String(name), kind: String(kind.output.1), labels: labels), kind.output.2.map(String.init)
            )
        }
    }

    @Test func theDocumentHasEveryMetricWithItsTypeAndLabels() throws {
        let documented = try Self.documented()
        let defined = MetricNames.all.map { Row(name: $0.name, kind: $0.kind.rawValue, labels: $0.labels) }
        #expect(documented.count == Set(documented.map(\.row)).count)
        #expect(Set(documented.map(\.row)).subtracting(defined) == [])
        #expect(Set(defined).subtracting(documented.map(\.row)) == [])
        let buckets = Dictionary(uniqueKeysWithValues: MetricNames.all.map { ($0.name, $0.buckets) })
        for (row, name) in documented {
            #expect(buckets[row.name] == (name.flatMap { Self.bucketNames[$0]?.bounds } ?? []), "\(row.name)")
        }
    }

    /// Series that only a fleet in trouble, or one that an operator or a hostile provider has been at, has.
    private static let ofTrouble: Set<String> = [
        "mixmyai_circuits_open", "mixmyai_database_oldest_snapshot_seconds",
        "mixmyai_dead_letters_oldest_age_seconds", "mixmyai_input_cut_tokens_total",
        "mixmyai_llm_invalid_answers_total", "mixmyai_provider_circuit_open", "mixmyai_queue_oldest_age_seconds",
        "mixmyai_queue_parked_steps", "mixmyai_queue_steps", "mixmyai_settlements_stale_total",
        "mixmyai_steps_taken_over_total", "mixmyai_task_longest_silence_seconds", "mixmyai_unknown_tier_total",
        "mixmyai_usage_mismatch_total",
    ]

    @Test func aFleetShowsWhatTheDocumentSays() async throws {
        try await PrivateFleet.run(workers: 2) { fleet in
            #expect(try await fleet.mixmyai(["limit", "set", "openai", "--rpm", "3000"]).status == 0)
            let submitted = try await fleet.mixmyai(
                ["task", "submit", "-", "--wait"], input: PrivateFleet.backlog(6))
            #expect(submitted.status == 0, "\(submitted.errors)")
            let documented = Set(try Self.documented().map(\.row.name))
            // Rows, canaries and sweeps come every few seconds, each at its own pace: until every series is there.
            var (pages, lines, shown): ([String], [Substring], Set<String>)
            let patience = ContinuousClock.now + .seconds(60)
            repeat {
                pages = try await fleet.metrics()
                lines = pages.joined().split(separator: "\n").filter { !$0.hasPrefix("#") }
                let names = lines.compactMap { $0.firstMatch(of: /^[a-z0-9_]+/)?.output }
                shown = Set(names.map { Self.family(String($0)) })
            } while !documented.subtracting(shown).isSubset(of: Self.ofTrouble) && ContinuousClock.now < patience
            #expect(shown.subtracting(documented) == [])
            #expect(documented.subtracting(shown).subtracting(Self.ofTrouble) == [])
            for page in pages { try Self.lint(page) }
            let tasks = lines.filter { $0.hasPrefix("task_completion_time_seconds_count") }
            #expect(tasks.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == 6)
            let calls = try await fleet.query("SELECT count(*) FROM ai_api_usage")
            let counted = lines.filter { $0.hasPrefix("mixmyai_llm_requests_total") }
            #expect(counted.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == calls)
        }
    }

    /// A histogram's series under its own name.
    private static func family(_ name: String) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if MetricNames.all.contains(where: { $0.name == base && $0.kind == .histogram }) { return base }
        }
        return name
    }

    /// Debian's `promtool check metrics`: the format, and the names' conventions.
    private static func lint(_ page: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        input.fileHandleForWriting.write(Data(page.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
    }
}

extension PrivateFleet {
    /// What gateway, scheduler and workers serve at `/metrics`.
    fileprivate func metrics() async throws -> [String] {
        let data = try Data(contentsOf: folder.appendingPathComponent("processes.json"))
        let processes = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        var pages: [String] = []
        for process in processes {
            guard let role = process["role"] as? String, ["gateway", "scheduler", "worker"].contains(role) else {
                continue
            }
            let url = try #require((process["metrics_url"] as? String).flatMap { URL(string: $0) })
            pages.append(String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self))
        }
        return pages
    }
}
