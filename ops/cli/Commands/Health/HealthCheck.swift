import FleetCore
import FleetStore
import HTTPTransport
import JSON
import PostgresClient
import PrivateStack
import RedisClient

/// Asks every part of a fleet how it is, all at the same time, none of them for long.
struct HealthCheck: Sendable {
    /// Of one question: longer than any answer of a server that works.
    private static let patience: Duration = .seconds(3)

    private let fleet: FleetEnvironment
    private let configuration: [String: String]
    private let state: StateDirectory

    /// - Parameter configuration: of whoever calls: where the catalogues are.
    init(_ fleet: FleetEnvironment, configuration: [String: String], state: StateDirectory) {
        self.fleet = fleet
        self.configuration = configuration
        self.state = state
    }

    /// Whether there is anything to ask.
    var findsFleet: Bool {
        get async {
            if ["DATABASE_URL", "MIXMYAI_API_URL"].contains(where: { fleet[$0] != nil }) { return true }
            return await stack() != nil
        }
    }

    /// Servers first, then what is known from the rows, then the processes of a private fleet.
    func parts() async -> [PartHealth] {
        async let facts = facts()
        async let broker = broker()
        async let redis = redis()
        async let gateway = gateway()
        async let processes = processes()
        let answer = await facts
        var parts = [Self.database(answer)]
        parts += await [broker, redis, gateway].compactMap(\.self)
        return await parts + (answer.value?.parts ?? HealthFacts.unreadable) + processes
    }

    /// What the rows say.
    func facts() async -> Answer<HealthFacts> {
        await Answer {
            try await FleetDatabase.withPool(fleet, patience: Self.patience) { pool in
                try await pool.withSession { try HealthReader.read($0) }
            }
        }
    }

    private static func database(_ answer: Answer<HealthFacts>) -> PartHealth {
        answer.problem.map { problem in
            PartHealth(
                .database, nil, .ill, problem, remedy: "mixmyai doctor says more", runbook: "DatabaseUnreachable")
        } ?? PartHealth(.database, nil, .healthy, "it answers")
    }

    /// Nil if nobody says where it is.
    private func broker() async -> PartHealth? {
        guard fleet["AMQP_URL"] != nil else { return nil }
        let problem = await BrokerCheck(fleet, environment: configuration).trouble()
        return problem.map { problem in
            PartHealth(.broker, nil, .ill, problem, remedy: "mixmyai doctor says more", runbook: "BrokerUnreachable")
        } ?? PartHealth(.broker, nil, .healthy, "it takes messages and has the fleet's queues")
    }

    private func redis() async -> PartHealth? {
        guard let url = fleet["REDIS_URL"] else { return nil }
        let answer = await Answer {
            let client = RedisClient(configuration: try RedisConfiguration(url: url))
            let result = await Answer { _ = try await client.command(["PING"]) }
            await client.shutdown()
            if let failure = result.failure { throw failure }
        }
        return answer.problem.map { problem in
            PartHealth(
                .redis, nil, .ill, "\(problem); no call goes out without it", remedy: "mixmyai doctor says more",
                runbook: "RedisUnreachable")
        } ?? PartHealth(.redis, nil, .healthy, "it answers")
    }

    private func gateway() async -> PartHealth? {
        guard let url = fleet["MIXMYAI_API_URL"] else { return nil }
        let address = (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/api/v1/health"
        guard let answer = await Self.get(address) else {
            return PartHealth(
                .gateway, nil, .ill, "it does not answer", remedy: "look at its process and its log",
                runbook: "GatewayMissing")
        }
        let report = try? JSONValue(parsing: answer.body)
        let failed = (report?["services"]?.object?.members ?? []).filter { $0.value.string != "healthy" }.map(\.key)
        let words = failed.isEmpty ? "it answers" : "it cannot reach \(failed.joined(separator: ", "))"
        switch report?["status"]?.string {
        case "healthy": return PartHealth(.gateway, nil, .healthy, words)
        case "degraded":
            return PartHealth(.gateway, nil, .degraded, words, remedy: "mend what it cannot reach")
        default:
            return PartHealth(
                .gateway, nil, .ill, failed.isEmpty ? "it answers \(answer.status)" : words,
                remedy: "mend what it cannot reach", runbook: "DependencyUnreachable")
        }
    }

    // MARK: Processes of a private fleet

    private func stack() async -> StackStatus? { await Answer { try await StackControl(state).status() }.value }

    private func processes() async -> [PartHealth] {
        guard let stack = await stack() else { return [] }
        return await withTaskGroup(of: (Int, PartHealth).self) { group in
            for (place, process) in stack.processes.enumerated() {
                group.addTask { (place, await Self.health(of: process)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func health(of process: StackStatus.Process) async -> PartHealth {
        func part(_ state: PartHealth.State, _ reason: String, remedy: String? = nil, _ runbook: String? = nil)
            -> PartHealth
        {
            PartHealth(.process, process.name, state, reason, remedy: remedy, runbook: runbook)
        }
        switch process.state {
        case .ready: break
        case .stopping, .stopped: return part(.degraded, "it was asked to stop", remedy: "mixmyai worker scale N")
        case .starting: return part(.degraded, "it starts")
        case .backingOff:
            return part(
                .ill, "it ended and is started again: \(process.lastFailure ?? "its log says why")",
                remedy: "look at its log", "ProcessRestarting")
        }
        guard let url = process.readinessURL else { return part(.healthy, "it runs") }
        guard let answer = await get(url) else {
            return part(
                .ill, "it does not answer its probe: it is frozen or overloaded",
                remedy: "kill -CONT \(process.pid ?? 0) if it was stopped, else kill -9: it is started again",
                "ProcessUnreachable")
        }
        let troubles = ProcessTroubles.parse(String(decoding: answer.body, as: UTF8.self), process: process.name)
        guard !troubles.isEmpty else { return part(.healthy, "it is ready") }
        return part(
            answer.status == 200 ? .degraded : .ill,
            troubles.map { "\($0.check): \($0.words)" }.joined(separator: "; "), remedy: "mend what it names")
    }

    private static func get(_ url: String) async -> (status: Int, body: [UInt8])? {
        guard let client = try? HTTPClient() else { return nil }
        let answer = await Answer {
            let response = try await client.execute(HTTPRequest(url: url), timeout: patience)
            return (response.status, try await response.body.collect(upTo: 1 << 16))
        }
        await client.shutdown()
        return answer.value
    }
}
