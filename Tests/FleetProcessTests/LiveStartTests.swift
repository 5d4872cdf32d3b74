import Foundation
import RepositoryFixtures
import Testing

/// What a worker looks at before it spends real money.
@Suite(.timeLimit(.minutes(1))) struct LiveStartTests {
    /// It says so before it connects to anything.
    @Test func aModelWithoutAPriceForTodayKeepsALiveWorkerFromStarting() async throws {
        let expired = try Self.catalogue().replacing(
            "\"2026-09-22\", up_to_input_tokens: 272000, input: \"0.10\"",
            with: "\"2026-09-22\", valid_until: \"2026-09-23\", up_to_input_tokens: 272000, input: \"0.10\"")
        let live = try await Self.start(models: expired, ["OPENAI_API_KEY": "none"])
        #expect(live.status == 1)
        #expect(live.errors.contains("no price is in force on"))
        #expect(live.errors.contains("gpt-6-luna"))

        // A server of one's own may cost what it likes: this one gets as far as to miss its database.
        let own = try await Self.start(models: expired, ["OPENAI_BASE_URL": "http://127.0.0.1:1/v1"])
        #expect(own.status == 1)
        #expect(own.errors.contains("DATABASE_URL"))
    }

    private static let agents = RepositoryFiles.url("workers/agents")

    private static func catalogue() throws -> String {
        try String(contentsOf: agents.appendingPathComponent("models.yaml"), encoding: .utf8)
    }

    private static func start(
        models: String, _ environment: [String: String]
    ) async throws -> (status: Int32, errors: String) {
        let program = try #require(PrivateFleet.program, "the programs were not built beside the tests")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("models-\(UUID().uuidString).yaml")
        try Data(models.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = program.deletingLastPathComponent().appendingPathComponent("worker")
        process.environment = environment.merging([
            "MIXMYAI_MODELS": file.path, "MIXMYAI_AGENTS": agents.appendingPathComponent("agents.yaml").path,
        ]) { given, _ in given }
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
