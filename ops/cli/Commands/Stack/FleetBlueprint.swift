import Catalogues
import FleetCore
import FleetSettings
import PrivateStack

/// Which processes a private fleet has, and their environments.
struct FleetBlueprint: Sendable {
    /// The servers' addresses, and ports for our own.
    struct Servers: Sendable {
        var databaseURL: String
        var amqpURL: String
        var redisURL: String
        /// The port kept under a name.
        var port: @Sendable (String) throws -> Int
    }

    let files: FleetFiles
    let provider: ProviderMode
    let workerCount: Int
    /// What of the user's environment reaches the processes.
    private let settings: [String: String]
    private let providerSettings: [String: String]

    private static let loopback = "127.0.0.1"
    /// Set for each process here, or the business of others.
    private static let ownVariables: Set<String> = [
        "MIXMYAI_AGENTS", "MIXMYAI_MODELS", "MIXMYAI_HOST", "MIXMYAI_PORT", "MIXMYAI_PROBE_HOST", "MIXMYAI_PROBE_PORT",
        "MIXMYAI_WORKER_NAME", "MIXMYAI_STATE_DIR", "MIXMYAI_API_URL", "MIXMYAI_API_KEY",
        "MIXMYAI_START_REPORT_FD",
    ]
    private static let providerVariables = [
        "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL",
    ]

    /// - Throws: with live providers, if there is neither a key nor a server of one's own.
    init(files: FleetFiles, provider: ProviderMode, workerCount: Int, environment: [String: String])
        throws(CommandError)
    {
        self.files = files
        self.provider = provider
        self.workerCount = workerCount
        var settings = environment.filter { name, value in
            (name.hasPrefix("MIXMYAI_") || SettingNames.ofTraces.contains(name)) && !Self.ownVariables.contains(name)
                && !value.isEmpty
        }
        // The stack gives its processes 20 s to end; a bit is left for what follows the drain.
        if settings["MIXMYAI_DRAIN_SECONDS"] == nil { settings["MIXMYAI_DRAIN_SECONDS"] = "15" }
        self.settings = settings
        let theirs = environment.filter { Self.providerVariables.contains($0.key) && !$0.value.isEmpty }
        guard provider == .twin || !theirs.isEmpty else {
            throw CommandError(
                .failed,
                "--provider live needs OPENAI_API_KEY or ANTHROPIC_API_KEY (or OPENAI_BASE_URL of a compatible server) "
                    + "in the environment")
        }
        providerSettings = provider == .live ? theirs : [:]
    }

    /// How long processes may take to end: what the user allows them, and a bit.
    var drainLimit: Duration {
        .seconds(max(20, (settings["MIXMYAI_DRAIN_SECONDS"].flatMap { Int($0) } ?? 0) + 5))
    }

    func plan(_ servers: Servers) throws -> StackPlan {
        var processes: [ProcessSpec] = []
        var environment = settings
        environment["DATABASE_URL"] = servers.databaseURL
        environment["AMQP_URL"] = servers.amqpURL
        environment["REDIS_URL"] = servers.redisURL
        environment["MIXMYAI_AGENTS"] = files.agents
        environment["MIXMYAI_MODELS"] = files.models
        var exports = [
            "OPENAI_BASE_URL": "https://api.openai.com/v1", "ANTHROPIC_BASE_URL": "https://api.anthropic.com",
        ]
        switch provider {
        case .live:
            environment.merge(providerSettings) { $1 }
            for name in exports.keys { exports[name] = providerSettings[name] ?? exports[name] }
        case .twin:
            let port = try servers.port("twin")
            processes.append(twin(port))
            exports["OPENAI_BASE_URL"] = "http://\(Self.loopback):\(port)/v1"
            exports["ANTHROPIC_BASE_URL"] = "http://\(Self.loopback):\(port)"
            environment.merge(exports) { $1 }
            // The stand-in takes any key; this one opens nothing anywhere.
            environment["OPENAI_API_KEY"] = "twin-openai"
            environment["ANTHROPIC_API_KEY"] = "twin-anthropic"
        }
        let apiPort = try servers.port("gateway")
        exports["MIXMYAI_API_URL"] = "http://\(Self.loopback):\(apiPort)"
        processes.append(try gateway(apiPort, environment, servers))
        processes.append(try process("scheduler", .scheduler, environment, servers))
        let workerEnvironment = environment
        return StackPlan(
            processes: processes, workerCount: workerCount,
            worker: { number in
                let name = "worker-\(number)"
                let named = workerEnvironment.merging(["MIXMYAI_WORKER_NAME": name]) { $1 }
                return try process(name, .worker, named, servers)
            }, exports: exports)
    }

    private func twin(_ port: Int) -> ProcessSpec {
        ProcessSpec(
            name: "twin", role: .twin, executable: "\(files.programs)/provider-twin",
            arguments: ["--host", Self.loopback, "--port", "\(port)", "--latency-ms", "50-150"]
                + ownModels.flatMap { ["--model", $0] },
            readiness: .http(port: port), metricsPort: port)
    }

    /// Models of servers of one's own, for which the twin stands in too. The providers' models it knows by itself, and
    /// refuses those that are no more. A catalogue that cannot be read is the worker's to report.
    private var ownModels: [String] {
        let models = (try? ModelCatalogue.load(path: files.models))?.models ?? []
        return models.map(\.modelID).filter { !$0.hasPrefix("gpt-") && !$0.hasPrefix("claude-") }
    }

    /// Ready when the API answers: its probes are there a moment earlier.
    private func gateway(
        _ port: Int, _ environment: [String: String], _ servers: Servers
    ) throws -> ProcessSpec {
        var spec = try process("gateway", .gateway, environment, servers)
        spec.environment["MIXMYAI_PORT"] = "\(port)"
        spec.readiness = .http(port: port, path: "/api/v1/health")
        return spec
    }

    /// One of the processes with a port for probes and metrics; the role names the program.
    private func process(
        _ name: String, _ role: StackRole, _ environment: [String: String], _ servers: Servers
    ) throws -> ProcessSpec {
        let port = try servers.port("\(name)-probes")
        return ProcessSpec(
            name: name, role: role, executable: "\(files.programs)/\(role.rawValue)",
            environment: environment.merging(["MIXMYAI_PROBE_PORT": "\(port)"]) { $1 },
            readiness: .http(port: port), metricsPort: port)
    }
}
