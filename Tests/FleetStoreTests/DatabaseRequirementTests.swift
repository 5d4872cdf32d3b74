import FleetCore
import PostgresClient
import TestServers
import Testing

@testable import FleetStore

/// Real databases that would lose answers, and real poolers that would break statements, are refused with what to do.
@Suite(.timeLimit(.minutes(2))) struct DatabaseRequirementTests {
    private func refusal(_ body: () async throws -> Void) async -> StoreError? {
        do {
            try await body()
            return nil
        } catch { return error as? StoreError }
    }

    @Test(arguments: ["LATIN1", "SQL_ASCII", "WIN1252", "EUC_JP"])
    func otherEncodingsAreRefusedWithTheCommandForAnother(encoding: String) async throws {
        let options = "ENCODING '\(encoding)' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        try await NewDatabase.run(connections: 1, options: options) { _, pool in
            for step in ["migrate", "check"] {
                let error = await refusal {
                    if step == "migrate" {
                        _ = try await Migrator(pool: pool).migrate()
                    } else {
                        try await Migrator(pool: pool).check()
                    }
                }
                #expect(error?.code == .unsuitableDatabase, "\(step)")
                #expect(error?.message.contains("is encoded in \(encoding)") == true, "\(error.debugDescription)")
                #expect(error?.message.contains("createdb --template=template0 --encoding=UTF8 --locale=C") == true)
            }
            let tables = try await pool.integer("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            #expect(tables == 0)
        }
    }

    /// What the command makes is accepted.
    @Test func theAdviceIsGood() async throws {
        try await NewDatabase.run(connections: 1, options: "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'") { _, pool in
            _ = try await Migrator(pool: pool).migrate()
            try await Migrator(pool: pool).check()
        }
    }

    @Test func settingsThatChangeWhatStatementsMeanAreRefused() async throws {
        try await NewDatabase.run(connections: 1) { url, pool in
            try await pool.run(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END $$"
            )
            try await withPool(try PostgresConfiguration(url: url)) { pool in
                let error = await refusal { _ = try await Migrator(pool: pool).migrate() }
                #expect(
                    error?.message.contains("SET standard_conforming_strings = on") == true, "\(error.debugDescription)"
                )
            }
        }
    }

    @Test func aReadOnlyDatabaseIsNotMigrated() async throws {
        try await NewDatabase.run(connections: 1) { url, pool in
            try await pool.run(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$"
            )
            try await withPool(try PostgresConfiguration(url: url)) { pool in
                let error = await refusal { _ = try await Migrator(pool: pool).migrate() }
                #expect(error?.message.contains("default_transaction_read_only") == true, "\(error.debugDescription)")
            }
        }
    }

    @Test func aUserWithoutRightsIsToldWhichOnes() async throws {
        try await NewDatabase.run(connections: 1) { url, pool in
            let role = "test_\(UInt64.random(in: 0...UInt64.max))"
            try await pool.run("CREATE ROLE \(role) LOGIN PASSWORD 'x'; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            let at = try #require(url.lastIndex(of: "@"))
            let scheme = try #require(url.firstRange(of: "://"))
            let other = url[..<scheme.upperBound] + "\(role):x" + url[at...]
            try await withPool(try PostgresConfiguration(url: String(other))) { pool in
                let error = await refusal { _ = try await Migrator(pool: pool).migrate() }
                #expect(error?.code == .notPermitted)
                #expect(error?.message.contains("GRANT CREATE ON SCHEMA public") == true, "\(error.debugDescription)")
            }
            try await pool.run("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test func oldServersAreNamed() {
        func fault(_ number: Int) -> String? {
            DatabaseRequirements.fault(
                encoding: "UTF8", versionNumber: number, version: "x", name: "d", conformsToStandard: true)
        }
        #expect(fault(120_022)?.contains("use PostgreSQL 13 or newer") == true)
        #expect(fault(130_000) == nil)
    }

    // MARK: Poolers

    @Test(arguments: [PostgresConfiguration.Pooler.none, .session, .transaction])
    func anOldPoolerInTransactionModeIsOneClearError(declared: PostgresConfiguration.Pooler) async throws {
        for console in [PrivatePgBouncer.Console.closed, .open] {
            try await PrivatePgBouncer.run(mode: "transaction", console: console, settings: Self.carryingNothing) {
                url in
                var configuration = try PostgresConfiguration(url: url)
                configuration.pooler = declared
                let error = await refusal { _ = try await PoolerCheck.check(configuration) }
                #expect(error?.code == .unsuitablePooler)
                #expect(error?.message.contains("pool_mode = session") == true, "\(error.debugDescription)")
                #expect(error?.message.contains("PgBouncer 1.21 or newer with max_prepared_statements") == true)
                if console == .open {
                    #expect(error?.message.hasPrefix("PgBouncer 1.") == true, "\(error.debugDescription)")
                }
            }
        }
    }

    /// All connections that a process may open are there at its start, or it does not start.
    @Test(arguments: ["5", "8"]) func aPoolOfSessionsHasToBeLargeEnough(size: String) async throws {
        let settings = ["default_pool_size": size, "query_wait_timeout": "1"]
        try await PrivatePgBouncer.run(mode: "session", settings: settings) { url in
            var configuration = try PostgresConfiguration(url: url)
            configuration.pooler = .session
            configuration.maximumConnections = 6
            configuration.acquireTimeout = .seconds(2)
            configuration.applicationName = "opening \(UInt64.random(in: 0...UInt64.max))"
            let name = configuration.applicationName
            try await withPool(configuration) { [configuration] pool in
                guard size == "8" else {
                    let error = await refusal { _ = try await PoolerCheck.check(configuration, opening: pool) }
                    #expect(error?.code == .unsuitablePooler)
                    #expect(
                        error?.message.contains("not all 6") == true
                            && error?.message.contains("default_pool_size") == true,
                        "\(error.debugDescription)")
                    return
                }
                #expect(try await PoolerCheck.check(configuration, opening: pool).isEmpty)
                let opened = PostgresStatement(
                    "opened", "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1")
                let count = try await pool.withSession { try $0.execute(opened, [.text(name)]).only() as Int }
                #expect(count == 6)
            }
        }
    }

    private static let carryingNothing = PrivatePgBouncer.carriesStatements ? ["max_prepared_statements": "0"] : [:]

    /// Carried statements help nothing where there are no transactions.
    @Test(arguments: PostgresConfiguration.Pooler.allCases)
    func aPoolerOfStatementsIsOneClearError(declared: PostgresConfiguration.Pooler) async throws {
        let settings = PrivatePgBouncer.carriesStatements ? ["max_prepared_statements": "500"] : [:]
        try await PrivatePgBouncer.run(mode: "statement", settings: settings) { url in
            var configuration = try PostgresConfiguration(url: url)
            configuration.pooler = declared
            let error = await refusal { _ = try await PoolerCheck.check(configuration) }
            #expect(error?.code == .unsuitablePooler)
            #expect(error?.message.contains("pool_mode = statement") == true, "\(error.debugDescription)")
            #expect(error?.message.contains("set pool_mode = session there") == true)
        }
    }

    /// Migration past it, then the stores through a pooler that lends server connections and carries statements.
    @Test(.enabled(if: PrivatePgBouncer.carriesStatements)) func aPoolerOfTransactionsCarriesTheStores() async throws {
        try await NewDatabase.run(connections: 1) { direct, owner in
            let name = try #require(direct.split(separator: "/").last.map(String.init))
            _ = try await Migrator(pool: owner).migrate()
            let settings = ["max_prepared_statements": "500", "default_pool_size": "2"]
            try await PrivatePgBouncer.run(mode: "transaction", database: name, settings: settings) { url in
                var configuration = try PostgresConfiguration(url: url)
                configuration.pooler = .transaction
                let advice = try await PoolerCheck.check(configuration)
                // Nothing if the tests' role has time limits.
                #expect(advice.allSatisfy { $0.contains("RECONNECT") }, "\(advice)")
                try await withPool(configuration) { pool in
                    try await Migrator(pool: pool).check()
                    let tasks = PostgresTaskRepository(pool: pool)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<8 {
                            group.addTask { for _ in 0..<5 { _ = try await tasks.submit([.sample(), .sample()]) } }
                        }
                        try await group.waitForAll()
                    }
                    #expect(try await pool.integer("SELECT count(*) FROM tasks") == 80)
                }
            }
        }
    }

    /// Migration, statements, pipelines, transactions and advisory locks through Debian's own PgBouncer.
    @Test(arguments: [PostgresConfiguration.Pooler.none, .session])
    func aPoolerOfSessionsCarriesTheStores(declared: PostgresConfiguration.Pooler) async throws {
        try await NewDatabase.run(connections: 1) { direct, _ in
            let name = try #require(direct.split(separator: "/").last.map(String.init))
            try await PrivatePgBouncer.run(mode: "session", database: name) { url in
                var configuration = try PostgresConfiguration(url: url)
                configuration.pooler = declared
                #expect(try await PoolerCheck.check(configuration).isEmpty)
                try await withPool(configuration) { pool in
                    _ = try await Migrator(pool: pool).migrate()
                    try await Migrator(pool: pool).check()
                    let tasks = PostgresTaskRepository(pool: pool)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<8 {
                            group.addTask { for _ in 0..<5 { _ = try await tasks.submit([.sample(), .sample()]) } }
                        }
                        try await group.waitForAll()
                    }
                    #expect(try await pool.integer("SELECT count(*) FROM tasks") == 80)
                }
            }
        }
    }

    @Test(arguments: [
        ("PgBouncer 1.18.0", true), ("PgBouncer 1.20.1", true), ("PgBouncer 1.21.0", false),
        ("PgBouncer 1.24.1", false),
        ("PgBouncer 2.0", false), ("something else", false),
    ])
    func versionsOfPoolersCompareAsNumbers(version: String, isOld: Bool) {
        #expect(PoolerCheck.isOlder(version, than: [1, 21]) == isOld)
        #expect((PoolerCheck.fault(.transaction, carriesStatements: true, version: version) != nil) == isOld)
    }

    @Test func aNewPoolerHasToBeDeclared() {
        let undeclared = PoolerCheck.fault(.none, carriesStatements: true, version: "PgBouncer 1.24.1")
        #expect(undeclared?.contains("MIXMYAI_DATABASE_POOLER is none: set it to transaction") == true)
        #expect(PoolerCheck.fault(.transaction, carriesStatements: true, version: nil) == nil)
        #expect(
            PoolerCheck.fault(.transaction, carriesStatements: false, version: nil)?.contains("max_prepared") == true)
    }
}
