import CPostgres

extension PostgresSession {
    /// The first column of the first row of a text without parameters, asked in the protocol that every pooler speaks.
    package func simpleText(_ sql: String) throws(PostgresError) -> String {
        try checkValid()
        try beginIfDue()
        let answer = try wire.perform(roundTrip(couldCommit: wire.isIdle)) {
            PQsendQuery(wire.handle, sql)
        } receive: { () throws(PostgresError) in
            try wire.collect()
        }
        return try Self.present(answer).only()
    }

    /// Whether the peer is the server itself: a pooler gives its clients process ids of its own.
    package func isDirect() throws(PostgresError) -> Bool {
        try Int(simpleText("SELECT pg_backend_pid()::text")) == Int(PQbackendPID(wire.handle))
    }
}
