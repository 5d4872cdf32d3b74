import CoreMetrics
import FleetCore
import FleetMetrics
import FleetStore
import Foundation
import Gateway
import Hummingbird
import JSON
import Logging
import PostgresClient
import Synchronization
import TestServers
import Testing

/// A gateway on a real socket with a database of its own, for one test.
struct GatewayServer: Sendable {
    static let adminKey = "mxa_admin_0123456789"
    static let userKey = "mxa_user_0123456789"
    static let otherKey = "mxa_other_0123456789"

    let port: Int
    let pool: PostgresPool
    let repository: PostgresTaskRepository
    let nudges: Counter
    let metrics: RecordedRequests

    private static let template = TemplateDatabase { _ = try await Migrator(pool: $0).migrate() }

    /// Starts everything, runs `body`, and takes everything down.
    static func run(
        probes: [HealthProbe] = [],
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayServer) async throws -> Void
    ) async throws {
        try await NewDatabase.run(copying: template) { _, pool in
            let repository = PostgresTaskRepository(pool: pool)
            try await repository.register(APIKey(name: "a", role: .admin, userID: nil), secret: adminKey)
            try await repository.register(APIKey(name: "u", role: .user, userID: "ursula"), secret: userKey)
            try await repository.register(APIKey(name: "o", role: .user, userID: "otto"), secret: otherKey)
            try await serve(pool, repository, probes, configure, body)
        }
    }

    private static func serve(
        _ pool: PostgresPool, _ repository: PostgresTaskRepository, _ probes: [HealthProbe],
        _ configure: (inout GatewayConfiguration) -> Void, _ body: (GatewayServer) async throws -> Void
    ) async throws {
        let (nudges, metrics) = (Counter(), RecordedRequests())
        let dependencies = GatewayDependencies(
            tasks: repository, keys: repository, probes: probes, wakeScheduler: { nudges.increment() },
            metrics: GatewayMetrics(metrics))
        var configuration = GatewayConfiguration(port: 0)
        configure(&configuration)
        var logger = Logger(label: "gateway-tests")
        logger.logLevel = .critical
        let (ports, port) = AsyncStream<Int>.makeStream()
        let gateway = Gateway(configuration: configuration, dependencies: dependencies)
        let application = gateway.application(logger: logger) { port.yield($0 ?? 0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body(
                    GatewayServer(
                        port: port, pool: pool, repository: repository, nudges: nudges, metrics: metrics))
                break
            }
            group.cancelAll()
        }
    }

    /// Sends a request and reads the answer; by default as an admin, and with a JSON body.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, key: String? = adminKey,
        headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        var all = ["Content-Type": "application/json"]
        if let key { all["X-API-Key"] = key }
        all.merge(headers) { _, given in given }
        let bytes = body.map { [Array($0.utf8)] } ?? []
        return try await HTTPExchange(port: port).run(method, path, all, bytes)
    }

    func count(_ table: String) async throws -> Int {
        try await pool.withSession { session in
            try session.execute(PostgresStatement("count \(table)", "SELECT count(*) FROM \(table)")).only() as Int
        }
    }

    /// Hands in a valid task and returns its id.
    func newTask(key: String = adminKey) async throws -> String {
        let answer = try await send("POST", "/api/v1/tasks", TaskBody.valid, key: key)
        return try #require(try answer.json["task_id"]?.string)
    }
}

enum TaskBody {
    static let valid = #"{"title":"Market trends","description":"Analyse the market trends of the last quarter"}"#
}

final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func increment() { count.withLock { $0 += 1 } }
}

/// Answered requests, as they are counted.
final class RecordedRequests: MetricsFactory {
    private let records = Mutex<[String]>([])

    var all: [String] { records.withLock { $0 } }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        guard label == "mixmyai_http_requests_total" else { return NOOPMetricsHandler.instance }
        let name = dimensions.map(\.1).joined(separator: " ")
        return Handler { self.records.withLock { $0.append(name) } }
    }

    private final class Handler: CounterHandler {
        private let record: @Sendable () -> Void

        init(_ record: @escaping @Sendable () -> Void) { self.record = record }

        func increment(by: Int64) { record() }
        func reset() {}
    }

    // The rest counts nothing.
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { NOOPMetricsHandler.instance }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
