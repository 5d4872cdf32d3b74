import PostgresClient
import TestServers
import Testing

@testable import FleetStore

@Suite(.timeLimit(.minutes(1))) struct MigratorTests {
    private static let first = Migration(
        number: 1, name: "0001-first",
        sql: "CREATE TABLE notes (note TEXT NOT NULL); INSERT INTO notes VALUES ('kept');")
    private static let second = Migration(
        number: 2, name: "0002-second", sql: "ALTER TABLE notes ADD COLUMN written_by TEXT NOT NULL DEFAULT 'nobody';")
    private static let third = Migration(
        number: 3, name: "0003-third", sql: "CREATE TABLE others (number INTEGER); INSERT INTO others VALUES (1 / 0);")

    private func refusal(_ body: () async throws -> Void) async -> StoreError? {
        do {
            try await body()
            return nil
        } catch { return error as? StoreError }
    }

    @Test func onlyWhatIsMissingIsApplied() async throws {
        try await NewDatabase.run { _, pool in
            let old = Migrator(pool: pool, migrations: [Self.first])
            let new = Migrator(pool: pool, migrations: [Self.first, Self.second])
            #expect(await refusal { try await new.check() }?.code == .schemaMissing)
            #expect(try await old.migrate() == ["0001-first"])
            try await old.check()
            #expect(await refusal { try await new.check() }?.code == .schemaTooOld)
            #expect(try await new.migrate() == ["0002-second"])
            try await new.check()
            #expect(try await pool.texts("SELECT note || ' ' || written_by FROM notes") == ["kept nobody"])
            #expect(try await new.migrate() == [])
        }
    }

    @Test func aNewerProgramsDatabaseIsRefused() async throws {
        try await NewDatabase.run { _, pool in
            _ = try await Migrator(pool: pool, migrations: [Self.first, Self.second]).migrate()
            let old = Migrator(pool: pool, migrations: [Self.first])
            for error in [await refusal { _ = try await old.migrate() }, await refusal { try await old.check() }] {
                #expect(error?.code == .schemaTooNew)
                #expect(error?.message == "the database is at schema 2, this program knows 1")
            }
        }
    }

    @Test func whatFailsHalfWayLeavesNothing() async throws {
        try await NewDatabase.run { _, pool in
            let migrator = Migrator(pool: pool, migrations: [Self.first, Self.second, Self.third])
            await #expect(throws: PostgresError.self) { _ = try await migrator.migrate() }
            let applied = try await pool.texts("SELECT name FROM schema_migrations ORDER BY 1")
            #expect(applied == ["0001-first", "0002-second"])
            let others = try await pool.texts("SELECT coalesce(to_regclass('others')::text, 'none')")
            #expect(others == ["none"])
            // Nor a lock: the next one is not kept waiting.
            let locks = try await pool.texts(Self.locks)
            #expect(locks == [])
        }
    }

    /// Both wait at the lock before either looks what is missing.
    @Test func ofTwoAtOnceOneWorksAndTheOtherFindsNothing() async throws {
        try await NewDatabase.run { _, pool in
            let migrator = Migrator(pool: pool, migrations: [Self.first, Self.second])
            let ended = BlockingSignal()
            defer { ended.open() }
            async let holder: Void = pool.withSession { session in
                let lock = PostgresStatement("test_lock", "SELECT pg_advisory_lock($1)")
                let unlock = PostgresStatement("test_unlock", "SELECT pg_advisory_unlock($1)")
                _ = try session.execute(lock, [.int8(Migrator.lockKey)])
                ended.wait()
                _ = try session.execute(unlock, [.int8(Migrator.lockKey)])
            }
            try await askUntil { try await pool.texts(Self.locks) == ["held"] }
            async let one = migrator.migrate()
            async let other = migrator.migrate()
            try await askUntil { try await pool.texts(Self.locks) == ["held", "wanted", "wanted"] }
            ended.open()
            let applied = try await [one, other].sorted { $0.count < $1.count }
            try await holder
            #expect(applied == [[], ["0001-first", "0002-second"]])
        }
    }

    private static let locks = """
        SELECT CASE WHEN granted THEN 'held' ELSE 'wanted' END FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        ORDER BY 1
        """

    /// The numbers of the migrations that became one before 0.1.0.
    @Test(arguments: 1...8) func aDatabaseFromBefore010IsRefusedWithWhatToDo(newest: Int) async throws {
        let names = [
            "initial schema", "lean indexes", "free ledger", "wishes", "inputs", "statuses", "books", "admission",
        ]
        let history = names.prefix(newest).enumerated().map { Migration(number: $0 + 1, name: $1, sql: "") }
        try await NewDatabase.run { _, pool in
            _ = try await Migrator(pool: pool, migrations: history).migrate()
            let migrator = Migrator(pool: pool)
            for error in [
                await refusal { _ = try await migrator.migrate() }, await refusal { try await migrator.check() },
            ] {
                #expect(error?.code == .schemaForeign)
                #expect(error?.message.contains("before 0.1.0 and cannot be upgraded: make an empty one") == true)
                #expect(error?.message.contains("`createdb test_") == true, "\(error.debugDescription)")
            }
            #expect(try await pool.integer("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1)
            #expect(try await pool.integer("SELECT max(number)::int8 FROM schema_migrations") == newest)
        }
    }

    /// The index and the statement that admits tasks have one expression, or it is of no use.
    @Test func newTasksAreFoundByTheirIndex() async throws {
        try await NewDatabase.run(connections: 1) { _, pool in
            #expect(
                try await Migrator(pool: pool).migrate() == [
                    "0001-initial-schema", "0002-operations", "0003-batches", "0004-health",
                    "0005-lean-rows", "0006-limit-waits",
                ])
            let rank = PostgresWorkflowStore.AdmissionStatements.rank
            try await pool.run("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
            let plan = try await pool.texts(
                "EXPLAIN SELECT task_id FROM tasks WHERE is_new AND NOT is_held AND \(rank) = 2 ORDER BY fair_tag, task_id"
            ).joined(separator: "\n")
            #expect(plan.contains("idx_tasks_new"), "\(plan)")
            #expect(plan.contains("Index Cond: ((array_position"), "\(plan)")
        }
    }
}
