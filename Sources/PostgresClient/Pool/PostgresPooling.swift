/// What stands between a client and the server, as far as two connections can tell.
package enum PostgresPooling: Sendable, Equatable {
    /// Nothing.
    case none
    /// A pooler that keeps a server connection for each client connection.
    case session
    /// A pooler that lends server connections for a transaction.
    ///
    /// `carriesStatements`: what a client has prepared works on every server connection, and its names are its own.
    case transaction(carriesStatements: Bool)
    /// A pooler that lends server connections for a statement: there are no transactions.
    case statement

    /// Finds out with two connections of its own.
    ///
    /// - Throws: `.outOfResources` if a pooler has a server connection for one of them only.
    package static func detect(_ configuration: PostgresConfiguration) async throws -> PostgresPooling {
        var single = configuration
        single.maximumConnections = 1
        // A pooler may keep a connection waiting for longer than anybody wants to wait for a look.
        single.statementTimeout = .seconds(10)
        // No SET: it would stay behind on somebody else's server connection.
        single.pooler = .transaction
        let pools = [PostgresPool(configuration: single), PostgresPool(configuration: single)]
        let outcome: Result<PostgresPooling, any Error>
        do {
            outcome = .success(try await detect(pools[0], pools[1]))
        } catch {
            outcome = .failure(error)
        }
        for pool in pools { await pool.shutdown() }
        return try outcome.get()
    }

    private static func detect(_ first: PostgresPool, _ second: PostgresPool) async throws -> PostgresPooling {
        if try await first.withSession({ try $0.isDirect() }) { return .none }
        let process: @Sendable (PostgresSession) throws -> String = {
            try $0.simpleText("SELECT pg_backend_pid()::text")
        }
        let own = try await first.withSession(process)
        // Others come between now and then: several rounds.
        for _ in 0..<5 {
            let other: String
            do {
                other = try await second.withSession(process)
            } catch let error as PostgresError where error.code == .connectionLost {
                // Only a server connection that stays with one client is none for the other.
                guard try await first.withSession(process) == own else { throw error }
                throw PostgresError(
                    .outOfResources,
                    "the pooler had a server connection for one of two connections only: its default_pool_size has to be "
                        + "what all processes together may open",
                    sqlState: error.sqlState)
            }
            // Twice: servers that are lent in turn would be the same ones for both clients in turn.
            var staysApart = other != own
            for _ in 0..<2 where staysApart { staysApart = try await first.withSession(process) == own }
            guard !staysApart else { continue }
            guard try await hasTransactions(first) else { return .statement }
            return .transaction(carriesStatements: try await carriesStatements(first, second))
        }
        return .session
    }

    /// A pooler of statements ends the connection that has begun a transaction.
    private static func hasTransactions(_ pool: PostgresPool) async throws -> Bool {
        do {
            try await pool.withSession { try $0.begin() }
            return true
        } catch let error as PostgresError where error.code == .connectionLost && error.message.contains("not allowed")
        {
            return false
        }
    }

    /// Both connections prepare a statement of the same name with another text.
    private static func carriesStatements(_ first: PostgresPool, _ second: PostgresPool) async throws -> Bool {
        do {
            for (pool, number) in [(first, 1), (second, 2), (first, 1), (first, 1), (second, 2)] {
                let statement = PostgresStatement("pooler_probe", "SELECT \(number)::int8")
                guard try await pool.withSession({ try $0.execute(statement).only() }) == number else {
                    return false
                }
            }
            return true
        } catch let error as PostgresError where error.code == .statementCollision {
            return false
        }
    }

    /// The version of a PgBouncer, if its console lets us in; nil if not.
    package static func version(_ configuration: PostgresConfiguration) async -> String? {
        var console = configuration.with(database: "pgbouncer")
        console.maximumConnections = 1
        console.acquireTimeout = .seconds(3)
        // The console knows none of the settings.
        console.pooler = .transaction
        let pool = PostgresPool(configuration: console)
        let answer = try? await pool.withSession { try $0.simpleText("SHOW VERSION") }
        await pool.shutdown()
        return answer
    }
}
