import Foundation
import FoundationNetworking
import Glibc
import PostgresClient
import TestServers
import Testing

/// A whole fleet of real processes, started through the command line for one test.
struct PrivateFleet: Sendable {
    let folder: URL
    /// Of its processes, besides the test's own.
    var environment: [String: String] = [:]

    /// Starts a fleet, runs the body, stops the fleet and deletes it.
    static func run(
        workers: Int, environment: [String: String] = [:], _ body: (PrivateFleet) async throws -> Void
    ) async throws {
        let folder = URL(fileURLWithPath: "/tmp").appendingPathComponent("mixmyai-fleet-\(UUID().uuidString.prefix(8))")
        let fleet = PrivateFleet(folder: folder, environment: environment)
        let started = try await fleet.mixmyai(["up", "--workers", "\(workers)", "--provider", "twin", "--detach"])
        do {
            try #require(started.status == 0, "up failed: \(started.errors)")
            try await body(fleet)
        } catch {
            _ = try? await fleet.mixmyai(["down", "--purge"])
            throw error
        }
        #expect(try await fleet.mixmyai(["down", "--purge"]).status == 0)
        try? FileManager.default.removeItem(at: folder)
    }

    struct Output: Sendable {
        var status: Int32
        var text: String
        var errors: String
    }

    /// Runs a command of the command line to its end.
    func mixmyai(_ arguments: [String], input: String = "") async throws -> Output {
        let program = try #require(Self.program, "mixmyai was not built beside the tests")
        let output = folder.deletingLastPathComponent().appendingPathComponent("\(UUID().uuidString).out")
        let errors = output.appendingPathExtension("err")
        let source = output.appendingPathExtension("in")
        defer { for file in [output, errors, source] { try? FileManager.default.removeItem(at: file) } }
        try Data(input.utf8).write(to: source)
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = ["--state-dir", folder.path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: source)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Output(
            status: status, text: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// A setting of the running fleet, from its `env` file.
    func setting(_ name: String) throws -> String {
        let lines = try String(contentsOf: folder.appendingPathComponent("env"), encoding: .utf8)
            .split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("export \(name)=") })
        return String(line.dropFirst("export \(name)=".count)).trimmingCharacters(in: ["'"])
    }

    /// Kills a process of the fleet at once; its supervisor starts it again.
    func kill(_ name: String) throws {
        let data = try Data(contentsOf: folder.appendingPathComponent("processes.json"))
        let processes = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        let pid = try #require(processes.first { $0["name"] as? String == name }?["pid"] as? Int)
        #expect(Glibc.kill(pid_t(pid), SIGKILL) == 0)
    }

    /// Runs on the fleet's database.
    func query(_ sql: String) async throws -> Int {
        try await withDatabase { try await $0.integer(sql) }
    }

    /// Waits in the database until so many steps have succeeded.
    func waitForSteps(_ count: Int, within limit: Duration = .seconds(60)) async throws {
        try await withDatabase { pool in
            try await pool.withSession { session in
                try session.executeSimple(
                    """
                    DO $$ BEGIN
                        WHILE (SELECT count(*) FROM steps WHERE state = 'succeeded') < \(count) LOOP
                            PERFORM pg_sleep(0.02); COMMIT;
                        END LOOP;
                    END $$
                    """, timeout: limit)
            }
        }
    }

    private func withDatabase<Value>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        try await withPool(PostgresConfiguration(url: setting("DATABASE_URL")), body)
    }

    /// The twin's own count.
    func twinStats() async throws -> (requests: Int, inputTokens: Int, outputTokens: Int, windows: [[String: Any]]) {
        let url = try #require(URL(string: try setting("ANTHROPIC_BASE_URL") + "/twin/stats"))
        let (data, _) = try await URLSession.shared.data(from: url)
        let stats = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return (
            try #require(stats["requests"] as? Int), try #require(stats["input_tokens"] as? Int),
            try #require(stats["output_tokens"] as? Int), stats["windows"] as? [[String: Any]] ?? []
        )
    }

    /// Changes the twin's behaviour.
    func controlTwin(_ json: String) async throws {
        var request = URLRequest(url: try #require(URL(string: try setting("ANTHROPIC_BASE_URL") + "/twin/control")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(json.utf8)
        let (_, response) = try await URLSession.shared.data(for: request)
        try #require((response as? HTTPURLResponse)?.statusCode == 200)
    }

    /// Tasks to submit, one JSON object per line.
    static func backlog(_ count: Int) -> String {
        (1...count).map { number in
            """
            {"title":"Assess the market for product \(number)","description":"Compare the three largest competitors of \
            product \(number), estimate demand for next year and recommend a price.","priority":"medium"}

            """
        }.joined()
    }

    static var program: URL? {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent("mixmyai")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }
}
