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

    /// 1.18 knows nothing of prepared statements, newer ones can be told to; what the first look left behind changes
    /// nothing.
    @Test(arguments: [
        ("transaction", PostgresPooling.transaction(carriesStatements: false)), ("statement", .statement),
    ])
    func aPoolerThatLendsServersIsFoundOut(mode: String, expected: PostgresPooling) async throws {
        let settings = PrivatePgBouncer.carriesStatements ? ["max_prepared_statements": "0"] : [:]
        try await PrivatePgBouncer.run(mode: mode, settings: settings) { url in
            let configuration = try PostgresConfiguration(url: url)
            for _ in 0..<3 {
                let pooling = try await PostgresPooling.detect(configuration)
                #expect(pooling == expected)
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

    /// In turn, each of two clients that take turns gets its own of two server connections every time.
    @Test func serversLentInTurnAreFoundOut() async throws {
        var settings = ["server_round_robin": "1", "default_pool_size": "2"]
        if PrivatePgBouncer.carriesStatements { settings["max_prepared_statements"] = "0" }
        try await PrivatePgBouncer.run(mode: "transaction", settings: settings) { url in
            try await TestDatabase.withPool(url: url, { $0.pooler = .transaction }) { pool in
                // Both server connections are made: two transactions wait for each other. The locks are the servers', and
                // stay with them.
                let key = Int.random(in: 0..<1_000_000)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...2 {
                        group.addTask {
                            try await pool.transaction { session in
                                _ = try session.simpleText("SELECT pg_advisory_lock(\(key), \(number))::text")
                                let held = """
                                    SELECT count(*)::text FROM pg_locks
                                    WHERE locktype = 'advisory' AND classid = \(key)
                                    """
                                while try session.simpleText(held) != "2" {}
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let pooling = try await PostgresPooling.detect(PostgresConfiguration(url: url))
                #expect(pooling == .transaction(carriesStatements: false))
            }
        }
    }

    /// A process takes two connections to look; where there is one, it is told so and does not wait for ever.
    @Test func aPoolOfTooFewSessionsIsNamed() async throws {
        let settings = ["default_pool_size": "1", "query_wait_timeout": "1"]
        try await PrivatePgBouncer.run(mode: "session", settings: settings) { url in
            let error = try await failure { _ = try await PostgresPooling.detect(PostgresConfiguration(url: url)) }
            #expect(error.code == .outOfResources, "\(error)")
            #expect(error.isRetriable)
            #expect(error.message.contains("default_pool_size"), "\(error)")
        }
    }

    @Test(arguments: [
        (["default_pool_size": "1", "query_wait_timeout": "1"], "default_pool_size"),
        (["max_client_conn": "1"], "raise max_client_conn"),
    ])
    func whatAPoolerHasTooFewOfIsNamed(settings: [String: String], advice: String) async throws {
        try await PrivatePgBouncer.run(mode: "session", settings: settings) { url in
            try await TestDatabase.withPool(url: url, { $0.pooler = .session }) { holder in
                _ = try await holder.integer("SELECT 1::int8")
                let error = try await failure {
                    let change: (inout PostgresConfiguration) -> Void = {
                        ($0.pooler, $0.acquireTimeout) = (.session, .seconds(1))
                    }
                    try await TestDatabase.withPool(url: url, change) { _ = try await $0.integer("SELECT 1::int8") }
                }
                #expect(error.message.contains(advice), "\(error)")
                #expect(error.isRetriable)
            }
        }
    }

    /// What nobody declared becomes one clear error, not a statement's name.
    @Test func aCollisionOfStatementsNamesThePooler() async throws {
        let settings = PrivatePgBouncer.carriesStatements ? ["max_prepared_statements": "0"] : [:]
        try await PrivatePgBouncer.run(mode: "transaction", settings: settings) { url in
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
