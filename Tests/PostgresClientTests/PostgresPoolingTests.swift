import PostgresClient
import TestServers
import Testing

/// What is between us and the server, asked of the real thing.
@Suite(.timeLimit(.minutes(1))) struct PostgresPoolingTests {
    @Test func theServerItselfIsKnown() async throws {
        let configuration = try PostgresConfiguration(url: try TestServer.database.url())
        #expect(try await PostgresPooling.detect(configuration) == .none)
        #expect(await PostgresPooling.version(configuration) == nil)
    }

    @Test func aPoolerOfSessionsIsAsGoodAsNone() async throws {
        try await PrivatePgBouncer.run(mode: "session") { url in
            let pooling = try await PostgresPooling.detect(PostgresConfiguration(url: url))
            #expect(pooling == .session)
        }
    }

    @Test(arguments: ["transaction", "statement"]) func aPoolerOfTransactionsIsFoundOut(mode: String) async throws {
        try await PrivatePgBouncer.run(mode: mode) { url in
            let configuration = try PostgresConfiguration(url: url)
            // Debian 12's 1.18 knows nothing of prepared statements; what the first look left behind changes nothing.
            for _ in 0..<3 {
                #expect(try await PostgresPooling.detect(configuration) == .transaction(carriesStatements: false))
            }
            #expect(await PostgresPooling.version(configuration) == nil)
        }
    }

    @Test func theConsoleTellsTheVersionToThoseItLetsIn() async throws {
        try await PrivatePgBouncer.run(mode: "transaction", console: .open) { url in
            let version = await PostgresPooling.version(try PostgresConfiguration(url: url))
            #expect(version?.hasPrefix("PgBouncer 1.") == true)
        }
    }

    /// What nobody declared becomes one clear error, not a statement's name.
    @Test func aCollisionOfStatementsNamesThePooler() async throws {
        try await PrivatePgBouncer.run(mode: "transaction") { url in
            let error = try await failure {
                for _ in 0..<10 {
                    try await TestDatabase.withPool(url: url) { _ = try await $0.integer("SELECT 1::int8") }
                }
            }
            #expect(error.code == .statementCollision, "\(error)")
            #expect(error.message.contains("MIXMYAI_DATABASE_POOLER"))
            #expect(!error.isRetriable)
        }
    }

    /// Nothing is set for the session where the session is somebody else's next.
    @Test func nothingIsLeftBehindInTransactionMode() async throws {
        try await PrivatePgBouncer.run(mode: "transaction") { url in
            try await TestDatabase.withPool(url: url, { $0.pooler = .transaction }) { pool in
                let timeout: @Sendable (PostgresSession) throws -> String = {
                    try $0.simpleText("SHOW statement_timeout")
                }
                let before = try await pool.withSession(timeout)
                try await pool.withSession { try $0.executeSimple("SELECT 1", timeout: .seconds(7)) }
                #expect(try await pool.withSession(timeout) == before)
                let error = try await failure {
                    try await pool.withSession {
                        try $0.executeSimple("SELECT pg_sleep(10)", timeout: .milliseconds(50))
                    }
                }
                #expect(error.code == .statementTimeout)
                #expect(try await pool.withSession(timeout) == before)
            }
        }
    }
}
