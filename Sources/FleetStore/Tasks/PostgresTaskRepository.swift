package import FleetCore
import JSON
package import PostgresClient
import Synchronization

/// The gateway's side of the rows, on PostgreSQL.
///
/// Tasks are written many at a time, in one transaction of one round trip besides BEGIN and COMMIT. Everything else
/// reads without a transaction, or locks one task's row and writes.
package final class PostgresTaskRepository: TaskRepository {
    let pool: PostgresPool
    private let estimate: Mutex<CompletionEstimate>

    /// - Parameter defaultDuration: how long a task is expected to take before any was completed.
    package init(pool: PostgresPool, defaultDuration: Duration = .seconds(1800)) {
        self.pool = pool
        estimate = Mutex(CompletionEstimate(defaultDuration: defaultDuration))
    }

    /// Reads one of the fleet's tables: a database without its schema is away as well.
    package func check() async throws(TaskRepositoryError) {
        try await read { session in _ = try session.execute(Statements.check) }
    }

    /// After a commit whose answer was lost it finds out by itself whether the tasks are there; throws `outcomeUnknown`
    /// only if that fails as well.
    package func submit(_ tasks: [NewTask]) async throws(TaskRepositoryError) -> [SubmittedTask] {
        guard !tasks.isEmpty else { return [] }
        let duration = try await expectedDuration()
        let writer = SubmissionWriter(tasks, expectedDuration: duration)
        do {
            return try await pool.transaction { try writer.write($0) }
        } catch let error as PostgresError where error.mayHaveCommitted {
            return try await settle(writer, after: error)
        } catch {
            throw TaskRepositoryError(error)
        }
    }

    /// Finds out whether a commit whose answer was lost took place, by doing it again: the ids are the same, so
    /// either it was not committed and is now, or the key says that it was.
    private func settle(
        _ writer: SubmissionWriter, after lost: PostgresError
    ) async throws(TaskRepositoryError) -> [SubmittedTask] {
        do {
            return try await pool.transaction { try writer.write($0) }
        } catch let error as PostgresError where error.code == .uniqueViolation && error.constraint == "tasks_pkey" {
            return try await read { try writer.read($0) }
        } catch {
            throw .failed(StoreFailure(.outcomeUnknown, "\(lost)"))
        }
    }

    /// What new tasks are likely to take: the median of the last completed ones, looked up now and then.
    func expectedDuration() async throws(TaskRepositoryError) -> Duration {
        if let fresh = estimate.withLock({ $0.fresh(at: .now) }) { return fresh }
        let median = try await read { try $0.execute(Statements.medianDuration).only() as Double? }
        return estimate.withLock { $0.update(median.map { .milliseconds(Int($0 * 1000)) }, at: .now) }
    }

    /// Those that a scheduler has registered: manager, coordinator, analyst, then specialists.
    package func agentTypes() async throws(TaskRepositoryError) -> [AgentTypeSummary] {
        try await read { session in
            try session.execute(Statements.agentTypes).map { row in
                AgentTypeSummary(
                    type: try row("agent_type"), role: try row("role"), description: try row("description"),
                    capabilities: try row.strings("capabilities"))
            }
        }
    }

    /// As `withSession`, with the port's failures.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws(TaskRepositoryError) -> Value {
        do {
            return try await pool.withSession(body)
        } catch {
            throw TaskRepositoryError(error)
        }
    }
}

extension TaskRepositoryError {
    init(_ error: any Error) { self = error as? TaskRepositoryError ?? .failed(StoreFailure(error)) }
}

/// The last look at how long tasks take.
private struct CompletionEstimate {
    static let lifetime = Duration.seconds(10)

    let defaultDuration: Duration
    private var duration: Duration
    private var expiry: ContinuousClock.Instant?

    init(defaultDuration: Duration) {
        self.defaultDuration = defaultDuration
        duration = defaultDuration
    }

    func fresh(at now: ContinuousClock.Instant) -> Duration? {
        guard let expiry, now < expiry else { return nil }
        return duration
    }

    mutating func update(_ median: Duration?, at now: ContinuousClock.Instant) -> Duration {
        duration = median ?? defaultDuration
        expiry = now.advanced(by: Self.lifetime)
        return duration
    }
}
