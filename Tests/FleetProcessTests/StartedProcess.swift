import Foundation
import FoundationNetworking
import RepositoryFixtures
import Synchronization
import TestServers
import Testing

/// One of the fleet's programs against the tests' servers, with what it writes.
final class StartedProcess: Sendable {
    private struct Gone: Error {}

    private final class Written: Sendable {
        let lines = Mutex<[String]>([])
    }

    let probePort: Int
    private let process: Process
    private let written = Written()
    private let lines: AsyncStream<String>
    private let ended: AsyncStream<Void>

    /// - Parameter program: `gateway`, `scheduler` or `worker`.
    init(_ program: String, database: String, broker: String) throws {
        probePort = try FreePort.find()
        let folder = try #require(PrivateFleet.program, "the programs were not built beside the tests")
        let agents = RepositoryFiles.url("workers/agents")
        process = Process()
        process.executableURL = folder.deletingLastPathComponent().appendingPathComponent(program)
        process.environment = [
            "DATABASE_URL": database, "AMQP_URL": broker, "REDIS_URL": try TestServer.redis.url(),
            "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
            "MIXMYAI_AGENTS": agents.appendingPathComponent("agents.yaml").path,
            "MIXMYAI_MODELS": agents.appendingPathComponent("models.yaml").path,
            "MIXMYAI_PROBE_PORT": "\(probePort)", "MIXMYAI_PORT": "0",
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        (self.lines, self.ended) = (lines, ended)
        process.terminationHandler = { _ in end.finish() }
        for pipe in [output, errors] {
            Thread.detachNewThread { [written] in
                var pending: [UInt8] = []
                while true {
                    let data = pipe.fileHandleForReading.availableData
                    guard !data.isEmpty else { break }
                    pending += data
                    while let index = pending.firstIndex(of: UInt8(ascii: "\n")) {
                        let text = String(decoding: pending[..<index], as: UTF8.self)
                        pending.removeSubrange(...index)
                        written.lines.withLock { $0.append(text) }
                        line.yield(text)
                    }
                }
            }
        }
        try process.run()
    }

    /// The next line that is meant; for one reader.
    func line(where isMeant: @escaping @Sendable (String) -> Bool) async throws -> String {
        for await line in lines where isMeant(line) { return line }
        throw Gone()
    }

    func count(where isMeant: (String) -> Bool) -> Int { written.lines.withLock { $0.count(where: isMeant) } }

    /// The status that it ended with by itself.
    func end() async -> Int32 {
        for await _ in ended {}
        return process.terminationStatus
    }

    func stop() async {
        if process.isRunning { process.terminate() }
        for await _ in ended {}
    }

    /// Asks until the answer is what is meant.
    func readiness(
        where isMeant: @escaping @Sendable (Int, String) -> Bool
    ) async throws -> (status: Int, text: String) {
        let url = try #require(URL(string: "http://127.0.0.1:\(probePort)/readyz"))
        while true {
            if let (data, response) = try? await URLSession.shared.data(from: url),
                let status = (response as? HTTPURLResponse)?.statusCode
            {
                let text = String(decoding: data, as: UTF8.self)
                if isMeant(status, text) { return (status, text) }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
