import CPostgres

extension PostgresSession {
    /// Runs statements in one round trip. Without an open transaction they share an implicit one: all or none.
    ///
    /// - Parameter commits: they are the last of their transaction, which ends with them. Nothing may follow.
    /// - Throws: the first failing entry's error, with its index in ``PostgresError/entryIndex``.
    package func pipeline(
        _ entries: [(PostgresStatement, [PostgresValue])], commits: Bool = false
    ) throws(PostgresError) -> [PostgresRows] {
        try checkValid()
        guard !entries.isEmpty else { return [] }
        guard !commits || isInTransaction else { throw PostgresError(.other, "there is no transaction to commit") }
        // With a gate, whoever has begun the transaction commits it.
        if gate != nil { return try pipelineOneByOne(entries) }
        let begins = isBeginDue
        var run = PipelineRun()
        if begins { run.addCommand("BEGIN") }
        for (index, (statement, parameters)) in entries.enumerated() {
            do throws(PostgresError) {
                try run.add(statement, parameters, prepared: &wire.prepared)
            } catch {
                throw error.at(entry: index)
            }
        }
        if commits { run.addCommand("COMMIT") }
        // Does nothing outside of a pipeline; in the middle of one it fails, and the connection is of no more use.
        defer { if PQexitPipelineMode(wire.handle) != 1 { wire.markBroken() } }
        let outcome = try wire.perform(roundTrip(couldCommit: commits || wire.isIdle && !begins)) {
            let isSent = PQenterPipelineMode(wire.handle) == 1 ? run.send(on: wire.handle) : 0
            if isSent == 1 { isBeginDue = false }
            return isSent
        } receive: { () throws(PostgresError) in
            try receive(run)
        }
        if outcome.failure == nil {
            hasCommitted = commits
        } else if begins, wire.isIdle {
            // It was not begun after all: what may follow must not run outside of it.
            isBeginDue = true
        }
        if let failure = outcome.failure { throw failure }
        return outcome.rows
    }

    /// Reads up to the pipeline's end even after an error, so that the connection is clean again.
    private func receive(
        _ run: PipelineRun
    ) throws(PostgresError) -> (rows: [PostgresRows], failure: PostgresError?) {
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        for step in run.steps {
            do throws(PostgresError) {
                guard let answer = try collectStep(of: run.name(of: step)) else { continue }
                switch step.kind {
                case .command(let command):
                    guard answer.commandTag == command else {
                        throw PostgresError(
                            .transactionAborted, "the server answered \(answer.commandTag) to \(command)")
                    }
                case .prepare(let statement, _, let types):
                    wire.prepared.add(statement, types: types, serverName: step.serverName)
                case .execute:
                    rows.append(answer)
                }
            } catch {
                let located = step.entry.map { error.at(entry: $0) } ?? error
                if wire.isBroken { throw failure ?? located }
                if failure == nil { failure = located }
                if let entry = step.entry, error.sqlState == "0A000" || error.sqlState == "26000" {
                    _ = wire.prepared.forget(run.statements[entry])
                }
            }
        }
        while let result = try wire.nextResult() {
            let isEnd = PQresultStatus(result) == PGRES_PIPELINE_SYNC
            PQclear(result)
            if isEnd { break }
        }
        return (rows, failure)
    }

    /// One step's result; nil if the server skipped it after an earlier error.
    private func collectStep(of statement: String) throws(PostgresError) -> PostgresRows? {
        var answer: PostgresRows?
        var failure: PostgresError?
        while let result = try wire.nextResult() {
            if PQresultStatus(result) == PGRES_PIPELINE_ABORTED {
                PQclear(result)
                continue
            }
            do throws(PostgresError) {
                answer = try wire.rows(owning: result, of: statement)
            } catch {
                failure = error
                if wire.isBroken { break }
            }
        }
        if let failure { throw failure }
        return answer
    }
}

/// What a pipeline sends, in order.
private struct PipelineRun {
    enum Kind {
        case prepare(PostgresStatement, text: String, types: [UInt32])
        case execute(ParameterBuffer)
        /// BEGIN or COMMIT.
        case command(String)
    }

    struct Step {
        /// Nil: none of the caller's.
        var entry: Int?
        var serverName: String
        var kind: Kind
    }

    private(set) var steps: [Step] = []
    private(set) var statements: [PostgresStatement] = []
    /// What this pipeline itself prepares: only known to the connection once that has succeeded.
    private var pending = PreparedStatements()

    mutating func addCommand(_ command: String) {
        steps.append(Step(entry: nil, serverName: "", kind: .command(command)))
    }

    func name(of step: Step) -> String { step.entry.map { statements[$0].name } ?? "" }

    mutating func add(
        _ statement: PostgresStatement, _ parameters: [PostgresValue], prepared: inout PreparedStatements
    ) throws(PostgresError) {
        let buffer = try ParameterBuffer(parameters)
        let entry = statements.count
        statements.append(statement)
        var name = try prepared.serverName(of: statement, parameters)
        if name == nil { name = try pending.serverName(of: statement, parameters) }
        if let name {
            steps.append(Step(entry: entry, serverName: name, kind: .execute(buffer)))
            return
        }
        let newName = prepared.newName(for: statement)
        pending.add(statement, types: buffer.types, serverName: newName)
        let text = prepared.text(of: statement)
        steps.append(
            Step(entry: entry, serverName: newName, kind: .prepare(statement, text: text, types: buffer.types)))
        steps.append(Step(entry: entry, serverName: newName, kind: .execute(buffer)))
    }

    /// Queues all steps in libpq; 1 for success.
    func send(on handle: OpaquePointer) -> Int32 {
        for step in steps {
            let status =
                switch step.kind {
                case .command(let command): PQsendQueryParams(handle, command, 0, nil, nil, nil, nil, 1)
                case .prepare(_, let text, let types):
                    PQsendPrepare(handle, step.serverName, text, Int32(types.count), types)
                case .execute(let buffer):
                    buffer.withPointers { count, values, lengths, formats in
                        PQsendQueryPrepared(handle, step.serverName, count, values, lengths, formats, 1)
                    }
                }
            guard status == 1 else { return 0 }
        }
        return PQpipelineSync(handle)
    }
}

extension PostgresError {
    fileprivate func at(entry: Int) -> PostgresError {
        var error = self
        error.entryIndex = entry
        return error
    }
}
