import FleetCore
import Gateway
import JSON
import Logging
import ServiceLifecycle
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DrainTests {
    @Test func shutdownFinishesWhatWasBegunAndTakesNothingNew() async throws {
        try await GatewayServer.run { server in
            var logger = Logger(label: "drain")
            logger.logLevel = .critical
            let (ports, found) = AsyncStream<Int>.makeStream()
            let gateway = Gateway(
                configuration: GatewayConfiguration(port: 0),
                dependencies: GatewayDependencies(tasks: server.repository, keys: server.repository))
            let group = ServiceGroup(
                configuration: .init(
                    services: [gateway.application(logger: logger) { found.yield($0 ?? 0) }], logger: logger))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                var iterator = ports.makeAsyncIterator()
                let port = try #require(await iterator.next())
                let (body, lines) = AsyncStream<[UInt8]>.makeStream()
                let headers = ["Content-Type": "application/jsonl", "X-API-Key": GatewayServer.adminKey]
                // The first 500 lines are a chunk: their answers say that the request has begun.
                lines.yield(Array(String(repeating: TaskBody.valid + "\n", count: 500).utf8))
                var (answer, isStopping) = ([UInt8](), false)
                try await HTTPExchange(port: port).run("POST", "/api/v1/tasks:batch", headers, body) { part in
                    answer += part
                    guard !isStopping, answer.contains(UInt8(ascii: "{")) else { return }
                    isStopping = true
                    tasks.addTask {
                        await group.triggerGracefulShutdown()
                        try await askUntil {
                            (try? await HTTPExchange(port: port).run("GET", "/api/v1/health", [:], [])) == nil
                        }
                        lines.yield(Array((TaskBody.valid + "\n").utf8))
                        lines.finish()
                    }
                }
                #expect(try HTTPAnswer(parsing: answer).lines.dropLast().last?["line"]?.int == 501)
                try await tasks.waitForAll()
            }
            #expect(try await server.count("tasks") == 501)
        }
    }
}
