import Logging
import ServiceLifecycle
import Testing

@testable import ProviderTwin

/// Runs a twin on a free port, gives the body a client, and drains the twin afterwards.
func withTwin(
    _ behaviour: TwinBehaviour = .init(), seed: UInt64 = 7, recordPath: String? = nil, ownModels: Set<String> = [],
    clock: ManualClock? = nil,
    body: @escaping @Sendable (TwinClient) async throws -> Void
) async throws {
    let (ports, listening) = AsyncStream<Int>.makeStream()
    let configuration = try TwinConfiguration(
        port: 0, seed: seed, recordPath: recordPath, ownModels: ownModels, behaviour: behaviour)
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let server = TwinServer(
        configuration: configuration, logger: logger, now: { clock?.now ?? TwinClock.monotonicNanoseconds() },
        onListening: { port in listening.yield(port) }
    )
    let group = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(TwinClient(port: port))
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
