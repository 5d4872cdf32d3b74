package import FleetCore
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

    /// Reads one of the fleet's tables: a database without its schema is `unavailable`.
    package func check() async throws {
        try await run { pool in
            try await pool.withSession { session in
                _ = try session.execute(Statements.check)
            }
        }
    }

    /// After a commit whose answer was lost it finds out by itself whether the tasks are there; throws `outcomeUnknown`
    /// only if that fails as well.
    package func submit(_ tasks: [NewTask]) async throws -> [SubmittedTask] {
        guard !tasks.isEmpty else { return [] }
        let duration = try await expectedDuration()
        let writer = SubmissionWriter(tasks, expectedDuration: duration)
        return try await run { pool in
            do {
                return try await pool.transaction { try writer.write($0) }
            } catch let error as PostgresError where error.mayHaveCommitted {
                return try await self.settle(writer, after: error)
            }
        }
    }

    /// Finds out whether a commit whose answer was lost took place, by doing it again: the ids are the same, so
    /// either it was not committed and is now, or the key says that it was.
    private func settle(_ writer: SubmissionWriter, after lost: PostgresError) async throws -> [SubmittedTask] {
        do {
            return try await pool.transaction { try writer.write($0) }
        } catch let error as PostgresError where error.code == .uniqueViolation && error.constraint == "tasks_pkey" {
            return try await pool.withSession { try writer.read($0) }
        } catch {
            throw TaskRepositoryError(.outcomeUnknown, "\(lost)")
        }
    }

    /// What new tasks are likely to take: the median of the last completed ones, looked up now and then.
    func expectedDuration() async throws -> Duration {
        if let fresh = estimate.withLock({ $0.fresh(at: .now) }) { return fresh }
        let median = try await run { pool in
            try await pool.withSession { try $0.execute(Statements.medianDuration).only() as Double? }
        }
        return estimate.withLock { $0.update(median.map { .milliseconds(Int($0 * 1000)) }, at: .now) }
    }

    /// Those that a scheduler has registered: manager, coordinator, analyst, then specialists.
    package func agentTypes() async throws -> [AgentTypeSummary] {
        try await run { pool in
            try await pool.withSession { session in
                try session.execute(Statements.agentTypes).map { row in
                    AgentTypeSummary(
                        type: try row("agent_type"), role: try row("role"), description: try row("description"),
                        capabilities: try row.strings("capabilities"))
                }
            }
        }
    }

    /// Runs work and turns the failures of the database into those of the port.
    func run<Value>(_ work: (PostgresPool) async throws -> Value) async throws -> Value {
        do {
            return try await work(pool)
        } catch let error as PostgresError {
            throw TaskRepositoryError(error)
        } catch let error as StoreError {
            throw TaskRepositoryError(.defect, "\(error)")
        }
    }
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

extension TaskRepositoryError {
    /// Anything that passes when the database is back is `unavailable`.
    init(_ error: PostgresError) {
        if error.mayHaveCommitted {
            self.init(.outcomeUnknown, "\(error)")
            return
        }
        switch error.code {
        case .connectionFailed, .authenticationFailed, .connectionLost, .poolExhausted, .shutDown, .statementTimeout,
            .serializationFailure, .deadlockDetected, .lockNotAvailable, .readOnly, .cannotConnectNow, .undefinedTable,
            .outOfResources, .cancelled, .statementCollision, .permissionDenied:
            self.init(.unavailable, "\(error)")
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .transactionAborted, .syntax,
            .invalidText, .decoding, .invalidURL, .other:
            self.init(.defect, "\(error)")
        }
    }
}
