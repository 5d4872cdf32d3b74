import PostgresClient
import ProcessProbes
import RedisClient

/// Asks whether something that a process depends on is there.
struct DependencyProbe: Sendable {
    /// Longer than any answer of a server that works, shorter than the patience of whoever asks for probes.
    private static let patience = Duration.seconds(1)

    let name: String
    /// Throws if it is not; a ``BootError`` is shown to whoever asks.
    let check: @Sendable () async throws -> Void

    init(_ name: String, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.check = check
    }

    static func database(_ pool: PostgresPool) -> DependencyProbe {
        DependencyProbe("database") { try await pool.withSession { try $0.executeSimple("SELECT 1") } }
    }

    static func redis(_ redis: RedisClient) -> DependencyProbe {
        DependencyProbe("redis") { _ = try await redis.command(["PING"]) }
    }

    /// Asks all of them at once; answers in their order.
    static func answers(_ probes: [DependencyProbe]) async -> [Readiness.Check] {
        await withTaskGroup(of: (Int, String?).self) { group in
            for (index, probe) in probes.enumerated() { group.addTask { (index, await probe.problem()) } }
            var checks = probes.map { Readiness.Check($0.name) }
            for await (index, problem) in group { checks[index].problem = problem }
            return checks
        }
    }

    private func problem() async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                do {
                    try await check()
                    return nil
                } catch let error as BootError {
                    return error.message
                } catch {
                    // What the client says may name hosts and users.
                    return "it cannot be reached"
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return "it does not answer"
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
