import FleetCore
import PostgresClient

extension StoreFailure {
    /// What the ports say of whatever went wrong here: the one place that decides it.
    init(_ error: any Error) {
        switch error {
        case let error as StoreFailure: self = error
        case let error as PostgresError: self.init(Self.kind(of: error), "\(error)")
        default: self.init(.defect, "\(error)")
        }
    }

    private static func kind(of error: PostgresError) -> Kind {
        if error.mayHaveCommitted { return .outcomeUnknown }
        switch error.code {
        // A value that PostgreSQL cannot hold, that a constraint forbids, or what the client finds out before sending.
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .invalidText, .decoding:
            return .refusal
        case .connectionFailed, .authenticationFailed, .connectionLost, .poolExhausted, .shutDown, .statementTimeout,
            .serializationFailure, .deadlockDetected, .lockNotAvailable, .readOnly, .cannotConnectNow, .undefinedTable,
            .outOfResources, .cancelled, .statementCollision, .permissionDenied:
            return .outage
        case .transactionAborted, .syntax, .invalidURL, .other:
            // Values, constraints and limits of the program that have no code of their own.
            let isRefused = ["22", "23", "54"].contains { error.sqlState?.hasPrefix($0) ?? false }
            return isRefused ? .refusal : .defect
        }
    }
}

extension PostgresPool {
    /// As `withSession`, with the ports' failures.
    func session<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws(StoreFailure) -> Value {
        do {
            return try await withSession(body)
        } catch {
            throw StoreFailure(error)
        }
    }

    /// As `transaction`, with the ports' failures.
    func committed<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws(StoreFailure) -> Value {
        do {
            return try await transaction(body)
        } catch {
            throw StoreFailure(error)
        }
    }
}
