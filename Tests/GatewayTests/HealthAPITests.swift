import FleetCore
import Gateway
import Hummingbird
import JSON
import Logging
import PostgresClient
import ProcessProbes
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HealthAPITests {
    struct Away: Error {}

    @Test func healthTellsHealthyDegradedAndDown() async throws {
        let state = ProbeSwitch()
        let probes = [
            HealthProbe("database", isEssential: true) { if state.isDatabaseAway { throw Away() } },
            HealthProbe("redis") { if state.isRedisFrozen { try await Task.sleep(for: .seconds(60)) } },
        ]
        try await GatewayServer.run(probes: probes, configure: { $0.probeTimeout = .milliseconds(50) }) { server in
            func health() async throws -> (Int, JSONValue) {
                let answer = try await server.send("GET", "/api/v1/health", key: nil)
                return (answer.status, try answer.json)
            }
            var (status, json) = try await health()
            #expect(status == 200)
            #expect(json["status"]?.string == "healthy")
            #expect(json["services"] == ["database": "healthy", "redis": "healthy"])
            #expect(json["timestamp"]?.string?.hasSuffix("Z") == true)

            state.isRedisFrozen = true
            (status, json) = try await health()
            #expect(status == 200)
            #expect(json["status"]?.string == "degraded")
            #expect(json["services"] == ["database": "healthy", "redis": "unhealthy"])

            state.isDatabaseAway = true
            (status, json) = try await health()
            #expect(status == 503)
            #expect(json["status"]?.string == "unhealthy")
        }
    }

    @Test func lostDatabaseIsServiceUnavailable() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask()
            await server.pool.shutdown()
            let requests: [(String, String, String?)] = [
                ("POST", "/api/v1/tasks", TaskBody.valid), ("GET", "/api/v1/tasks", nil),
                ("GET", "/api/v1/tasks/\(id)", nil), ("DELETE", "/api/v1/tasks/\(id)", nil),
            ]
            for (method, path, body) in requests {
                let answer = try await server.send(method, path, body)
                #expect(answer.status == 503)
                #expect(answer.headers["retry-after"] == "2")
                #expect(try answer.json["error"]?.string == "ServiceUnavailable")
            }
            let bulk = try await server.send(
                "POST", "/api/v1/tasks:batch", TaskBody.valid, headers: ["Content-Type": "application/jsonl"])
            #expect(bulk.status == 503)
        }
    }

    @Test func probesOfAProcessAnswer() async throws {
        let state = ProbeSwitch()
        let server = ProbeServer(
            port: 0,
            readiness: { Readiness(checks: [.init("database", problem: state.isDatabaseAway ? "away" : nil)]) },
            details: { [.init("broker"), .init("redis", problem: "away")] }, metrics: { "up 1\n" },
            pages: [ProbePage("scaling") { .init(status: 503, contentType: "application/problem+json", body: "{}\n") }])
        let (ports, found) = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "probes")
        logger.logLevel = .critical
        let application = server.application(logger: logger) { found.yield($0 ?? 0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                let exchange = HTTPExchange(port: port)
                #expect(try await exchange.run("GET", "/livez", [:], []).status == 200)
                #expect(try await exchange.run("GET", "/readyz", [:], []).text == "+database\nready\n")
                #expect(try await exchange.run("GET", "/metrics", [:], []).text == "up 1\n")
                let page = try await exchange.run("GET", "/scaling", [:], [])
                #expect(page.status == 503 && page.text == "{}\n" && page.headers["cache-control"] == "no-store")
                #expect(page.headers["content-type"] == "application/problem+json")
                // What decides nothing is shown to those who ask for it.
                for target in ["/readyz?verbose", "/readyz?verbose=1", "/readyz?x=1&verbose="] {
                    let answer = try await exchange.run("GET", target, [:], [])
                    #expect(answer.status == 200)
                    #expect(answer.text == "+database\n+broker\n-redis: away\nready\n")
                }
                state.isDatabaseAway = true
                let notReady = try await exchange.run("GET", "/readyz", [:], [])
                #expect(notReady.status == 503)
                #expect(notReady.text == "-database: away\nnot ready\n")
                #expect(try await exchange.run("GET", "/livez", [:], []).status == 200)
                let posted = try await exchange.run("POST", "/livez", [:], [])
                #expect(posted.status == 405)
                #expect(posted.headers["allow"] == "GET, HEAD, OPTIONS")
                let isHeld = try await RawSocket.run(port: port) { socket in
                    try socket.send(RawRequest(target: "/livez", fields: ["Upgrade: h2c", "Connection: upgrade"]).text)
                    #expect(try socket.answer().headers["connection"] == "close")
                    return try !socket.isClosed()
                }
                #expect(!isHeld)
                let garbage = try await RawSocket.run(port: port) { socket in
                    try socket.send("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
                    return try socket.answer()
                }
                #expect(garbage.status == 400)
                #expect(garbage.text == "A request must have exactly one Host\n")
                break
            }
            group.cancelAll()
        }
    }
}
