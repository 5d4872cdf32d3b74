import Foundation
import Glibc
import TestServers
import Testing

/// Which part is ill, as `mixmyai health` says it of a whole fleet.
@Suite(.serialized, .timeLimit(.minutes(4))) struct FleetHealthTests {
    private struct Part: Decodable {
        var kind: String
        var name: String?
        var state: String
        var reason: String
        var since: String?
        var runbook: String?
    }

    private static func health(_ fleet: PrivateFleet) async throws -> (status: Int32, parts: [Part]) {
        let output = try await fleet.mixmyai(["health", "-o", "json"])
        return (output.status, try JSONDecoder().decode([Part].self, from: Data(output.text.utf8)))
    }

    /// Asks until it is so.
    @discardableResult
    private static func wait(
        _ fleet: PrivateFleet, _ isSo: (Int32, [Part]) -> Bool
    ) async throws -> [Part] {
        while true {
            let (status, parts) = try await health(fleet)
            if isSo(status, parts) { return parts }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    @Test func theIllPartIsNamed() async throws {
        try await PrivateFleet.run(workers: 1) { fleet in
            // All queues answer.
            let well = try await Self.wait(fleet) { status, parts in
                status == 0 && parts.allSatisfy { $0.state == "healthy" }
            }
            #expect(
                Set(well.map(\.kind))
                    == [
                        "database", "broker", "redis", "gateway", "scheduler", "workflow", "worker", "queue", "process",
                    ])

            // A frozen scheduler: its process lives, its connections are open.
            try fleet.signal("scheduler", SIGSTOP)
            let submitted = try await fleet.mixmyai(
                ["task", "submit", "-", "-o", "json"], input: PrivateFleet.backlog(1))
            let frozen = try await Self.wait(fleet) { _, parts in
                parts.contains { $0.kind == "workflow" && $0.state == "ill" }
            }
            let scheduler = try #require(frozen.first { $0.kind == "scheduler" })
            #expect(scheduler.state == "ill" && scheduler.since != nil)
            #expect(scheduler.runbook == "ops/runbooks/SchedulerStands.md")
            #expect(frozen.first { $0.kind == "process" && $0.name == "scheduler" }?.state == "ill")
            #expect(try await fleet.mixmyai(["status"]).errors.contains("no scheduler has advanced anything for"))
            let task = try #require(submitted.text.firstMatch(of: /task_[A-Za-z0-9]{8,}/)?.output)
            let why = try await fleet.mixmyai(["why", String(task)])
            #expect(why.text.contains("no scheduler has advanced anything for"), "\(why.text)")
            try fleet.signal("scheduler", SIGCONT)
            try await Self.wait(fleet) { status, _ in status == 0 }

            // Nobody is there who would take work; then there is some.
            #expect(try await fleet.mixmyai(["worker", "scale", "0"]).status == 0)
            let empty = try await Self.wait(fleet) { _, parts in
                parts.filter { $0.kind == "queue" }.allSatisfy { $0.reason.contains("nobody consumes") }
            }
            #expect(empty.contains { $0.kind == "queue" && $0.state == "degraded" })
            let late = try await fleet.mixmyai(["task", "submit", "-"], input: PrivateFleet.backlog(2))
            #expect(late.status == 0)
            let owed = try await Self.wait(fleet) { status, parts in
                status == 1 && parts.contains { $0.kind == "queue" && $0.state == "ill" }
            }
            #expect(owed.contains { $0.reason.contains("nobody consumes") && $0.reason.contains("wait") })
        }
    }
}

extension PrivateFleet {
    /// Sends a signal to a process of the fleet.
    fileprivate func signal(_ name: String, _ signal: Int32) throws {
        let data = try Data(contentsOf: folder.appendingPathComponent("processes.json"))
        let processes = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        let pid = try #require(processes.first { ($0["role"] as? String) == name }?["pid"] as? Int)
        #expect(Glibc.kill(pid_t(pid), signal) == 0)
    }
}
