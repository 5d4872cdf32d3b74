import CPostgres

/// One caller's turn on a connection: statements run one after another, nothing of others in between.
///
/// Valid only inside the closure it is given to, on that closure's thread; afterwards every call throws. Each call
/// blocks the connection's thread, which is what that thread is for.
package final class PostgresSession {
    let wire: PostgresWire
    let statementTimeout: Duration
    /// How often a transaction is run again after a deadlock or a serialization failure.
    let conflictRetries: Int
    let gate: (any StatementGate)?
    private var isValid = true
    /// The session's statement timeout was changed and not yet set back.
    var hasChangedTimeout = false
    /// A transaction has begun for the caller; the server hears of it together with its first statement.
    var isBeginDue = false
    /// The last pipeline has ended the transaction.
    var hasCommitted = false

    init(
        _ wire: PostgresWire, statementTimeout: Duration, conflictRetries: Int, gate: (any StatementGate)?
    ) {
        self.wire = wire
        self.statementTimeout = statementTimeout
        self.conflictRetries = conflictRetries
        self.gate = gate
    }

    func invalidate() {
        isValid = false
    }

    /// Whether a transaction has begun and has not ended.
    package var isInTransaction: Bool { isBeginDue || !wire.isIdle }

    /// Runs a prepared statement.
    ///
    /// Outside a transaction it commits by itself.
    package func execute(
        _ statement: PostgresStatement, _ parameters: [PostgresValue] = []
    ) throws(PostgresError) -> PostgresRows {
        try checkValid()
        if isBeginDue {
            do throws(PostgresError) {
                return try pipeline([(statement, parameters)])[0]
            } catch {
                var error = error
                error.entryIndex = nil
                throw error
            }
        }
        return try admitted(statement) { statement throws(PostgresError) in try run(statement, parameters) }
    }

    func run(
        _ statement: PostgresStatement, _ parameters: [PostgresValue]
    ) throws(PostgresError) -> PostgresRows {
        let buffer = try ParameterBuffer(parameters)
        do throws(PostgresError) {
            return try executeOnce(statement, parameters, buffer)
        } catch {
            // 0A000: a table changed under the prepared statement; 26000: somebody discarded it.
            guard error.sqlState == "0A000" || error.sqlState == "26000" else { throw error }
            let stale = wire.prepared.forget(statement)
            guard wire.isIdle else { throw error }
            // A pooler that carries statements has names of its own.
            for name in stale where !wire.sharesServer {
                // Fails if the server has no such statement any more, which is as good.
                _ = try? simple(
                    "DEALLOCATE \"\(name.replacing("\"", with: "\"\""))\"", couldCommit: false,
                    patience: statementTimeout)
            }
            return try executeOnce(statement, parameters, buffer)
        }
    }

    private func executeOnce(
        _ statement: PostgresStatement, _ parameters: [PostgresValue], _ buffer: ParameterBuffer
    ) throws(PostgresError) -> PostgresRows {
        let name = try preparedName(of: statement, parameters, buffer.types)
        let answer = try wire.perform(roundTrip(couldCommit: wire.isIdle)) {
            buffer.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(wire.handle, name, count, values, lengths, formats, 1)
            }
        } receive: { () throws(PostgresError) in
            try wire.collect(of: statement.name)
        }
        return try Self.present(answer)
    }

    private func preparedName(
        of statement: PostgresStatement, _ parameters: [PostgresValue], _ types: [UInt32]
    ) throws(PostgresError) -> String {
        if let name = try wire.prepared.serverName(of: statement, parameters) { return name }
        let name = wire.prepared.newName(for: statement)
        let text = wire.prepared.text(of: statement)
        _ = try wire.perform(roundTrip(couldCommit: false)) {
            PQsendPrepare(wire.handle, name, text, Int32(types.count), types)
        } receive: { () throws(PostgresError) in
            try wire.collect()
        }
        wire.prepared.add(statement, types: types, serverName: name)
        return name
    }

    /// Runs several statements without parameters, for example a migration. Without an open transaction the server
    /// wraps them in one, unless they contain their own.
    ///
    /// - Parameter timeout: limit of the whole text; nil keeps the statement timeout.
    package func executeSimple(_ sql: String, timeout: Duration? = nil) throws(PostgresError) {
        try checkValid()
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalidText, "SQL text has a NUL byte") }
        try beginIfDue()
        if let timeout, wire.sharesServer { return try executeAlone(sql, timeout: timeout) }
        if let timeout {
            hasChangedTimeout = true
            try simple("SET statement_timeout = \(timeout.wholeMilliseconds)", patience: statementTimeout)
        }
        try simple(sql, patience: timeout ?? statementTimeout)
        if hasChangedTimeout { try restoreTimeout() }
    }

    /// Runs a text with a timeout of its own where a session's settings are somebody else's next.
    private func executeAlone(_ sql: String, timeout: Duration) throws(PostgresError) {
        let isOwn = wire.isIdle
        if isOwn { try begin() }
        do throws(PostgresError) {
            try simple("SET LOCAL statement_timeout = \(timeout.wholeMilliseconds)", patience: statementTimeout)
            try simple(sql, patience: timeout)
            guard isOwn else {
                try simple(
                    "SET LOCAL statement_timeout = \(statementTimeout.wholeMilliseconds)", patience: statementTimeout)
                return
            }
            try commit()
        } catch {
            if isOwn { try? rollback() }
            throw error
        }
    }

    /// Sets the statement timeout back; does nothing in a failed transaction, where the hand-back does it later.
    func restoreTimeout() throws(PostgresError) {
        guard wire.transactionStatus == PQTRANS_IDLE || wire.transactionStatus == PQTRANS_INTRANS else { return }
        try simple(
            "SET statement_timeout = \(statementTimeout.wholeMilliseconds)", patience: statementTimeout,
            ignoresCancellation: true)
        hasChangedTimeout = false
    }

    /// Runs a text through the simple protocol and returns the last command's tag.
    @discardableResult
    func simple(
        _ sql: String, couldCommit: Bool = true, patience: Duration, ignoresCancellation: Bool = false
    ) throws(PostgresError) -> String {
        let roundTrip = PostgresWire.RoundTrip(
            couldCommit: couldCommit, ignoresCancellation: ignoresCancellation, patience: patience)
        let answer = try wire.perform(roundTrip) {
            PQsendQuery(wire.handle, sql)
        } receive: { () throws(PostgresError) in
            try wire.collect()
        }
        return answer?.commandTag ?? ""
    }

    func roundTrip(couldCommit: Bool) -> PostgresWire.RoundTrip {
        PostgresWire.RoundTrip(couldCommit: couldCommit, patience: statementTimeout)
    }

    func checkValid() throws(PostgresError) {
        guard !hasCommitted else {
            throw PostgresError(.other, "a statement came after those that committed its transaction")
        }
        guard isValid else { throw PostgresError(.other, "a session was used after its closure had returned") }
    }

    static func present(_ answer: PostgresRows?) throws(PostgresError) -> PostgresRows {
        guard let answer else { throw PostgresError(.other, "the server sent no result") }
        return answer
    }
}
