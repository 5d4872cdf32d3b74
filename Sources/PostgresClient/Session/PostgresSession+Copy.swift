import CPostgres

extension PostgresSession {
    /// Runs `COPY … FROM STDIN` and sends the chunks, which need not end at row borders.
    ///
    /// - Returns: the number of rows.
    package func copyIn(
        _ sql: String, _ chunks: some Sequence<[UInt8]>
    ) throws(PostgresError) -> Int {
        try checkValid()
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalidText, "SQL text has a NUL byte") }
        let answer = try wire.perform(exchange(couldCommit: wire.isIdle)) {
            PQsendQuery(wire.handle, sql)
        } receive: { () throws(PostgresError) -> PostgresRows? in
            guard let first = try wire.nextResult() else { return nil }
            guard PQresultStatus(first) == PGRES_COPY_IN else { return try refuse(first) }
            PQclear(first)
            for chunk in chunks where !chunk.isEmpty {
                if wire.interrupt.isCancelled { break }
                try put(chunk)
            }
            // Given up on purpose: the server answers with an error and keeps nothing.
            try finishCopy(refusal: wire.interrupt.isCancelled ? "cancelled" : nil)
            return try wire.collect()
        }
        return try Self.present(answer).affectedRows
    }

    /// The statement failed, or was no COPY FROM STDIN.
    private func refuse(_ result: OpaquePointer) throws(PostgresError) -> PostgresRows? {
        do throws(PostgresError) {
            _ = try wire.rows(owning: result)
        } catch {
            if !wire.isBroken { _ = try? wire.collect() }
            throw error
        }
        _ = try wire.collect()
        throw PostgresError(.other, "the statement is no COPY … FROM STDIN")
    }

    private func put(_ chunk: [UInt8]) throws(PostgresError) {
        // However long the chunk took to make, the server is not to blame for it.
        wire.extendDeadline()
        // 0 means that libpq's buffer is full and cannot grow until the socket takes some.
        while true {
            let status = chunk.withUnsafeBytes { bytes in
                PQputCopyData(
                    wire.handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: bytes.count))
            }
            if status == 1 { break }
            guard status == 0 else { throw copyFailure() }
            try wire.wait(writing: true)
        }
        try wire.flush()
    }

    private func finishCopy(refusal: String?) throws(PostgresError) {
        while true {
            let status = PQputCopyEnd(wire.handle, refusal)
            if status == 1 { break }
            guard status == 0 else { throw copyFailure() }
            try wire.wait(writing: true)
        }
        try wire.flush()
    }

    private func copyFailure() -> PostgresError {
        wire.markBroken()
        return PostgresError(.connectionLost, String(cString: PQerrorMessage(wire.handle)).firstLine)
    }
}
