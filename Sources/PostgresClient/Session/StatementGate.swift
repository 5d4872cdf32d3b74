/// Stands between a session and the server: for tests that decide in which order the statements of several sessions run.
///
/// With one, the statements of a pipeline are sent one by one, so that others can come in between. Each has its own
/// snapshot either way, and what they see, lock and leave behind is the same.
package protocol StatementGate: Sendable {
    /// Called on the connection's thread, which may block, before a statement, a COMMIT or a ROLLBACK is sent.
    ///
    /// - Parameter backend: process id of the session's server process.
    /// - Returns: what is sent.
    func admit(_ statement: PostgresStatement, backend: Int32) -> PostgresStatement

    /// What was admitted has been answered: with so many rows, returned or changed, or with a failure.
    func answered(_ statement: PostgresStatement, _ answer: Result<Int, PostgresError>)
}

extension PostgresSession {
    /// Runs a statement as soon as the gate, if there is one, lets it go.
    func admitted(
        _ statement: PostgresStatement, _ run: (PostgresStatement) throws(PostgresError) -> PostgresRows
    ) throws(PostgresError) -> PostgresRows {
        guard let gate else { return try run(statement) }
        let sent = gate.admit(statement, backend: wire.backend)
        do throws(PostgresError) {
            let rows = try run(sent)
            gate.answered(sent, .success(max(rows.count, rows.affectedRows)))
            return rows
        } catch {
            gate.answered(sent, .failure(error))
            throw error
        }
    }

    /// The end of a transaction, likewise.
    func admittedEnd(_ tag: String, _ run: () throws(PostgresError) -> Void) throws(PostgresError) {
        guard let gate else { return try run() }
        let statement = gate.admit(PostgresStatement(tag, tag), backend: wire.backend)
        do throws(PostgresError) {
            try run()
            gate.answered(statement, .success(0))
        } catch {
            gate.answered(statement, .failure(error))
            throw error
        }
    }

    /// A pipeline's statements one by one, in one transaction as in a pipeline.
    func pipelineOneByOne(
        _ entries: [(PostgresStatement, [PostgresValue])]
    ) throws(PostgresError) -> [PostgresRows] {
        let isOwn = wire.isIdle
        var answers: [PostgresRows] = []
        do throws(PostgresError) {
            for (index, (statement, parameters)) in entries.enumerated() {
                do throws(PostgresError) {
                    answers.append(
                        try admitted(statement) { statement throws(PostgresError) in
                            // The transaction begins with its first statement, which is when a pipeline's does.
                            if isOwn && index == 0 { try begin() }
                            return try run(statement, parameters)
                        })
                } catch {
                    var error = error
                    error.entryIndex = index
                    throw error
                }
            }
            if isOwn { try commit() }
        } catch {
            if isOwn { try rollback() }
            throw error
        }
        return answers
    }
}
