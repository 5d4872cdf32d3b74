import FoundationEssentials
import PrivateStack
import Testing

@testable import Commands

struct FleetBlueprintTests {
    private let files = FleetFiles(programs: "/bin/fleet", agents: "/a/agents.yaml", models: "/a/models.yaml")

    private func makePlan(
        _ environment: [String: String] = [:], provider: ProviderMode = .twin, workers: Int = 2
    ) throws -> StackPlan {
        let ports = ["twin": 1, "gateway": 2, "gateway-probes": 3, "scheduler-probes": 4]
        let blueprint = try FleetBlueprint(
            files: files, provider: provider, workerCount: workers, environment: environment)
        return try blueprint.plan(
            FleetBlueprint.Servers(databaseURL: "db", amqpURL: "amqp", redisURL: "redis") { name in
                ports[name] ?? 10 + (Int(name.filter(\.isNumber)) ?? 0)
            })
    }

    @Test func theTwinStandsInForBothProviders() throws {
        let plan = try makePlan(["OPENAI_API_KEY": "the user's own", "OPENAI_BASE_URL": "https://elsewhere"])
        #expect(plan.processes.map(\.name) == ["twin", "gateway", "scheduler"])
        #expect(plan.exports["OPENAI_BASE_URL"] == "http://127.0.0.1:1/v1")
        #expect(plan.exports["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:1")
        #expect(plan.exports["MIXMYAI_API_URL"] == "http://127.0.0.1:2")
        let worker = try #require(try plan.worker?(3))
        #expect(worker.name == "worker-3")
        #expect(worker.executable == "/bin/fleet/worker")
        #expect(worker.environment["MIXMYAI_WORKER_NAME"] == "worker-3")
        #expect(worker.environment["MIXMYAI_PROBE_PORT"] == "13")
        #expect(worker.environment["OPENAI_API_KEY"] == "twin-openai")
        #expect(worker.environment["OPENAI_BASE_URL"] == "http://127.0.0.1:1/v1")
        #expect(worker.environment["DATABASE_URL"] == "db")
        #expect(plan.workerCount == 2)
    }

    @Test func liveProvidersNeedAKeyAndGetTheUsers() throws {
        #expect(throws: CommandError.self) { try makePlan(provider: .live) }
        let plan = try makePlan(
            ["ANTHROPIC_API_KEY": "key", "OPENAI_BASE_URL": "http://localhost:1/v1"], provider: .live)
        #expect(plan.processes.map(\.name) == ["gateway", "scheduler"])
        let worker = try #require(try plan.worker?(1))
        #expect(worker.environment["ANTHROPIC_API_KEY"] == "key")
        #expect(worker.environment["ANTHROPIC_BASE_URL"] == nil)
        #expect(worker.environment["OPENAI_BASE_URL"] == "http://localhost:1/v1")
        #expect(plan.exports["OPENAI_BASE_URL"] == "http://localhost:1/v1")
        #expect(plan.exports["ANTHROPIC_BASE_URL"] == "https://api.anthropic.com")
    }

    @Test func theUsersSettingsReachTheProcessesExceptThoseOfTheStack() throws {
        let plan = try makePlan([
            "MIXMYAI_WORKER_SLOTS": "9", "MIXMYAI_HOST": "0.0.0.0", "MIXMYAI_PORT": "80", "MIXMYAI_API_KEY": "secret",
            "MIXMYAI_STATE_DIR": "/s", "MIXMYAI_LOG_LEVEL": "", "SECRET": "x",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "false",
        ])
        let gateway = try #require(plan.processes.first { $0.name == "gateway" })
        #expect(gateway.environment["MIXMYAI_WORKER_SLOTS"] == "9")
        #expect(gateway.environment["MIXMYAI_PORT"] == "2")
        #expect(plan.processes.count { $0.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://c:4318" } == 2)
        #expect(gateway.environment["MIXMYAI_PROBE_PORT"] == "3")
        for name in [
            "MIXMYAI_HOST", "MIXMYAI_API_KEY", "MIXMYAI_STATE_DIR", "MIXMYAI_LOG_LEVEL", "SECRET", "OTEL_SDK_DISABLED",
        ] {
            #expect(gateway.environment[name] == nil)
        }
        #expect(gateway.readiness == .http(port: 2, path: "/api/v1/health"))
        #expect(gateway.metricsPort == 3)
        // Whoever may read the process list must learn nothing.
        #expect(plan.processes.allSatisfy { spec in !spec.arguments.contains { $0.contains("db") } })
    }

    @Test func processesGetTheTimeToDrainThatTheUserAllows() throws {
        func limit(_ environment: [String: String]) throws -> Duration {
            try FleetBlueprint(files: files, provider: .twin, workerCount: 1, environment: environment).drainLimit
        }
        #expect(try limit([:]) == .seconds(20))
        #expect(try limit(["MIXMYAI_DRAIN_SECONDS": "60"]) == .seconds(65))
    }

    @Test func filesAreFoundFromTheProgramsUpwards() throws {
        let root = TemporaryPath.make()
        defer { try? FileManager.default.removeItem(atPath: root) }
        func write(_ path: String, mode: Int = 0o644) throws {
            let url = URL(filePath: "\(root)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: url)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
        }
        func files(_ environment: [String: String] = [:]) throws(CommandError) -> FleetFiles {
            try FleetFiles(
                environment: environment, executable: "\(root)/.build/debug/mixmyai", workingDirectory: "/")
        }
        for name in FleetFiles.programNames.dropLast() { try write(".build/debug/\(name)", mode: 0o755) }
        var error = #expect(throws: CommandError.self) { try files() }
        #expect(error?.message.contains("provider-twin not found") == true)
        try write(".build/debug/provider-twin", mode: 0o755)
        error = #expect(throws: CommandError.self) { try files() }
        #expect(error?.message.contains("set MIXMYAI_AGENTS") == true)
        try write("workers/agents/agents.yaml")
        try write("workers/agents/models.yaml")
        let found = try files()
        #expect(found.programs == "\(root)/.build/debug")
        #expect(found.agents == "\(root)/workers/agents/agents.yaml")
        #expect(try files(["MIXMYAI_MODELS": "\(root)/workers/agents/agents.yaml"]).models == found.agents)
        #expect(throws: CommandError.self) { try files(["MIXMYAI_MODELS": "missing.yaml"]) }
    }
}
