/// A failure of the database, of the way to it, or of a value that does not fit.
///
/// `description` is made for logs: it has the server's primary message and SQLSTATE, never parameter values, never
/// the password. The server's detail line can hold row values and is kept apart in ``detail``.
package struct PostgresError: Error, Sendable, Hashable {
    /// What kind of failure it is; decisions are made on this, not on texts.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// No connection could be made: nothing was sent.
        case connectionFailed = "connection_failed"
        /// The server refused the user, the password or the address.
        case authenticationFailed = "authentication_failed"
        /// A connection that worked is gone; see ``PostgresError/mayHaveCommitted``.
        case connectionLost = "connection_lost"
        /// All connections were busy for the whole acquire timeout.
        case poolExhausted = "pool_exhausted"
        /// The pool has been shut down.
        case shutDown = "shut_down"
        case statementTimeout = "statement_timeout"
        /// The calling task, or an administrator, cancelled the statement.
        case cancelled
        case uniqueViolation = "unique_violation"
        case foreignKeyViolation = "foreign_key_violation"
        case checkViolation = "check_violation"
        case notNullViolation = "not_null_violation"
        case serializationFailure = "serialization_failure"
        case deadlockDetected = "deadlock_detected"
        /// A lock was not free and waiting was ruled out (NOWAIT, lock_timeout).
        case lockNotAvailable = "lock_not_available"
        /// An earlier statement of the transaction failed: nothing more runs, and COMMIT rolls back.
        case transactionAborted = "transaction_aborted"
        /// The server is a standby or has been made read-only.
        case readOnly = "read_only"
        /// The server is starting up, shutting down or recovering.
        case cannotConnectNow = "cannot_connect_now"
        case undefinedTable = "undefined_table"
        case syntax
        /// A prepared statement is not there, or another one of its name is: a pooler shares the session.
        case statementCollision = "statement_collision"
        /// The user may not do that.
        case permissionDenied = "permission_denied"
        /// Text that is no valid UTF-8 or has a NUL byte.
        case invalidText = "invalid_text"
        /// The server is out of disk, memory or connections.
        case outOfResources = "out_of_resources"
        /// A column is not what was to be read, or a parameter cannot be encoded.
        case decoding
        case invalidURL = "invalid_url"
        case other
    }

    /// What kind of failure it is.
    package let code: Code
    /// The server's five-character SQLSTATE; nil if the failure did not come from the server.
    package let sqlState: String?
    /// The primary message, without row or parameter values.
    package let message: String
    /// The server's detail line. May hold row values: not for logs.
    package let detail: String?
    /// The violated constraint, if one was.
    package let constraint: String?
    /// The pipeline entry that failed, counted from zero.
    package internal(set) var entryIndex: Int?
    /// True if the server may have committed the work although no answer came: the connection was lost during
    /// COMMIT or during a statement outside a transaction. Look before doing it again.
    package let mayHaveCommitted: Bool
    /// Whether the same work can succeed later without a change. Heed ``mayHaveCommitted`` first.
    package let isRetriable: Bool

    init(
        _ code: Code, _ message: String, sqlState: String? = nil, detail: String? = nil, constraint: String? = nil,
        mayHaveCommitted: Bool = false, isRetriable: Bool? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.constraint = constraint
        self.mayHaveCommitted = mayHaveCommitted
        self.isRetriable = isRetriable ?? code.isUsuallyRetriable
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One line for logs.
    package var description: String {
        var text = "\(code.rawValue): \(message)"
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let entryIndex { text += " in pipeline entry \(entryIndex)" }
        if mayHaveCommitted { text += "; the work may have been committed" }
        return text
    }

    /// The same as `description`: the detail has to be asked for by name.
    package var debugDescription: String { description }
}

extension PostgresError.Code {
    fileprivate var isUsuallyRetriable: Bool {
        switch self {
        case .connectionFailed, .connectionLost, .poolExhausted, .statementTimeout, .serializationFailure,
            .deadlockDetected, .lockNotAvailable, .readOnly, .cannotConnectNow, .outOfResources:
            true
        case .authenticationFailed, .shutDown, .cancelled, .uniqueViolation, .foreignKeyViolation, .checkViolation,
            .notNullViolation, .transactionAborted, .undefinedTable, .syntax, .statementCollision, .permissionDenied,
            .invalidText, .decoding, .invalidURL,
            .other:
            false
        }
    }
}
