import ArgumentParser
import Catalogues
import FleetCore
import Glibc
import HTTPTransport
import JSON
import Providers

/// `fleet-bench calls`: AI calls through the fleet's provider client, against OPENAI_BASE_URL, always streaming.
///
/// Prints one JSON line: calls, seconds, CPU seconds of this process, and the median and 99th percentile latency.
struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls", abstract: "Makes calls to a model, some side by side.")

    @Option(help: "How many calls.") var calls: Int
    @Option(help: "Calls in flight.") var concurrency = 1

    func run() async throws {
        let servers = Servers()
        let catalogue = try servers.catalogues()
        var configuration = HTTPClientConfiguration()
        configuration.connectionCacheSize = concurrency
        let client = try HTTPClient(configuration: configuration)
        let caller = ProviderCaller(
            models: catalogue.models.models,
            endpoints: [
                "openai": .openAI(baseURL: try servers.required("OPENAI_BASE_URL"), apiKey: ProviderCredential("bench"))
            ], client: client)
        guard let agent = catalogue.agents["financial_analyst"], let system = agent.prompts[.subtaskExecution],
            let schema = catalogue.agents.schemas[.subtaskExecution]
        else { throw ValidationError("the catalogue has no financial_analyst") }
        let request = ModelRequest(
            model: "gpt-6-luna", system: system, blocks: [String(repeating: "Material. ", count: 100)], schema: schema,
            maxOutputTokens: 1000, timeout: .seconds(60), idempotencyKey: "bench", agentType: agent.type)
        // Connections, threads and caches are there before the clock starts.
        _ = try await measure(concurrency * 2, request, caller)
        let clock = ContinuousClock()
        let (start, cpu) = (clock.now, Self.cpuSeconds)
        let latencies = try await measure(calls, request, caller).sorted()
        let result: JSONValue = [
            "calls": .integer(latencies.count), "seconds": .double((clock.now - start) / .seconds(1)),
            "cpu_seconds": .double(Self.cpuSeconds - cpu), "p50_ms": .double(latencies[latencies.count / 2]),
            "p99_ms": .double(latencies[latencies.count * 99 / 100]),
        ]
        print(result.serialized())
        await client.shutdown()
    }

    /// Milliseconds of every call.
    private func measure(_ count: Int, _ request: ModelRequest, _ caller: ProviderCaller) async throws -> [Double] {
        try await withThrowingTaskGroup(of: [Double].self) { group in
            for lane in 0..<concurrency {
                let share = count / concurrency + (lane < count % concurrency ? 1 : 0)
                group.addTask {
                    let clock = ContinuousClock()
                    var latencies: [Double] = []
                    for _ in 0..<share {
                        let start = clock.now
                        _ = try await caller.call(request)
                        latencies.append((clock.now - start) / .milliseconds(1))
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000_000
    }
}
