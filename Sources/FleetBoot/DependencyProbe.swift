import FleetCore
import PostgresClient
import ProcessProbes
import RedisClient
import Synchronization

/// Knows whether something that a process depends on is there.
///
/// It is asked by one loop, never by those who want to know: however many they are, and however long a server that
/// hangs keeps its clients waiting, each process asks it one question at a time.
final class DependencyProbe: Sendable {
    static let interval = Duration.seconds(1)
    /// What whoever asks is told nothing about.
    private struct Away: Error {}

    private struct State {
        var problem: String? = "it has not been asked yet"
        /// When the question was asked that is not answered.
        var askedAt: ContinuousClock.Instant?
    }

    let name: String
    private let check: @Sendable () async throws -> Void
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - patience: longer than any answer of a server that works.
    ///   - check: throws if it is not there; a ``BootError`` is shown to whoever asks.
    init(
        _ name: String, patience: Duration = .seconds(1), check: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.check = check
        self.patience = patience
    }

    static func database(_ pool: PostgresPool) -> DependencyProbe {
        DependencyProbe("database") { try await pool.withSession { try $0.executeSimple("SELECT 1") } }
    }

    static func redis(_ redis: RedisClient) -> DependencyProbe {
        DependencyProbe("redis") { _ = try await redis.command(["PING"]) }
    }

    /// What is wrong with it, in words that anybody may read; nil: nothing.
    var problem: String? {
        state.withLock { state in
            if let askedAt = state.askedAt, ContinuousClock.now - askedAt > patience { return "it does not answer" }
            return state.problem
        }
    }

    /// - Throws: if something is wrong with it.
    @Sendable func require() throws {
        if problem != nil { throw Away() }
    }

    /// Asks once.
    func ask() async {
        state.withLock { $0.askedAt = .now }
        var problem: String?
        do {
            try await check()
        } catch let error as BootError {
            problem = error.message
        } catch {
            // What a client says may name hosts and users.
            problem = "it cannot be reached"
        }
        state.withLock { $0 = State(problem: problem) }
    }
}
