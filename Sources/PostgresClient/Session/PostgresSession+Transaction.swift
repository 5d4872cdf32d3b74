import CPostgres

extension PostgresSession {
    /// Opens a transaction.
    ///
    /// - Throws: `.other` if one is open already.
    package func begin() throws(PostgresError) {
        try checkValid()
        guard !isInTransaction else { throw PostgresError(.other, "a transaction is open already") }
        try simple("BEGIN", couldCommit: false, patience: statementTimeout)
    }

    /// Opens a transaction with the statements that come first, in their round trip.
    private func beginWithFirst() throws(PostgresError) {
        // A gate decides about each statement by itself.
        guard gate == nil else { return try begin() }
        try checkValid()
        guard !isInTransaction else { throw PostgresError(.other, "a transaction is open already") }
        isBeginDue = true
    }

    /// For what cannot travel with a BEGIN.
    func beginIfDue() throws(PostgresError) {
        guard isBeginDue else { return }
        try simple("BEGIN", couldCommit: false, patience: statementTimeout)
        isBeginDue = false
    }

    /// Commits what is not committed yet.
    private func commitRest() throws(PostgresError) {
        defer { (isBeginDue, hasCommitted) = (false, false) }
        if !isBeginDue && !hasCommitted { try commit() }
    }

    /// Commits. If the connection is lost meanwhile, the error says that the work may have been committed.
    ///
    /// - Throws: `.transactionAborted` if an earlier statement failed: the server answers COMMIT with a rollback then,
    ///   which is no error to it.
    package func commit() throws(PostgresError) {
        try checkValid()
        try admittedEnd("COMMIT") { () throws(PostgresError) in
            let tag = try simple("COMMIT", patience: statementTimeout)
            guard tag == "COMMIT" else {
                throw PostgresError(
                    .transactionAborted, "the transaction was rolled back because a statement in it had failed")
            }
        }
    }

    /// Rolls back, also when the calling task has been cancelled. Does nothing without an open transaction.
    package func rollback() throws(PostgresError) {
        (isBeginDue, hasCommitted) = (false, false)
        try checkValid()
        guard !wire.isBroken, !wire.isIdle else { return }
        try wire.settleCancellation()
        try admittedEnd("ROLLBACK") { () throws(PostgresError) in
            try simple("ROLLBACK", couldCommit: false, patience: PostgresWire.grace, ignoresCancellation: true)
        }
    }

    /// Runs `body` between BEGIN and COMMIT, again after a deadlock or serialization failure. BEGIN travels with the first
    /// statements, COMMIT with the last ones if they say so (``pipeline(_:commits:)``).
    func transaction<Result>(_ body: (PostgresSession) throws -> Result) throws -> Result {
        try retryingConflicts { session in
            do {
                try session.beginWithFirst()
                let result = try body(session)
                try session.commitRest()
                return result
            } catch {
                do throws(PostgresError) {
                    try session.rollback()
                } catch {
                    // What the body failed with says more; without its rollback the connection is not used again.
                    session.wire.markBroken()
                }
                throw error
            }
        }
    }

    /// Runs `body` again after a deadlock or a serialization failure, and only then, as often as the configuration says.
    ///
    /// For a single statement, or a single pipeline: outside a transaction either is one by itself, and is rolled back as
    /// a whole.
    package func retryingConflicts<Result>(_ body: (PostgresSession) throws -> Result) throws -> Result {
        var attempt = 0
        while true {
            do {
                return try body(self)
            } catch {
                guard attempt < conflictRetries, !wire.isBroken, wire.isIdle, let failure = error as? PostgresError,
                    failure.code == .serializationFailure || failure.code == .deadlockDetected
                else { throw error }
                attempt += 1
                try wire.pause(.milliseconds(Int.random(in: 1...(10 << min(attempt, 4)))))
            }
        }
    }
}
