package import PostgresClient

/// Brings a database's schema up to date, one numbered migration after the other.
///
/// Safe to run from several processes at once: an advisory lock lets one of them work, the others then find nothing
/// left to do.
package struct Migrator: Sendable {
    /// Key of the advisory lock: "mixmyai" in ASCII.
    static let lockKey = 0x6d_6978_6d79_6169

    private let pool: PostgresPool
    private let migrations: [Migration]

    /// Connects to nothing before ``migrate()`` or ``check()``.
    package init(pool: PostgresPool) {
        self.init(pool: pool, migrations: Migration.all)
    }

    init(pool: PostgresPool, migrations: [Migration]) {
        self.pool = pool
        self.migrations = migrations
    }

    /// The number of the newest migration that this program knows.
    package static var latest: Int { Migration.all.last?.number ?? 0 }

    /// Applies what is missing; returns the names of what was applied.
    ///
    /// - Throws: ``StoreError`` `schema_too_new` if the database is newer than this program, `schema_foreign` if it is not
    ///   upgraded, `unsuitable_database` if it cannot hold the fleet's data, `not_permitted` if the user may not change
    ///   the schema.
    package func migrate() async throws -> [String] {
        do {
            return try await applyMissing()
        } catch let error as PostgresError where error.code == .permissionDenied {
            throw StoreError(
                .notPermitted,
                "\(error.message): let the database's owner migrate, or `GRANT CREATE ON SCHEMA public` to the user")
        }
    }

    private func applyMissing() async throws -> [String] {
        try await pool.withSession { session in
            try DatabaseRequirements.check(session, writes: true)
            _ = try session.execute(Statements.lock, [.int8(Self.lockKey)])
            defer { _ = try? session.execute(Statements.unlock, [.int8(Self.lockKey)]) }
            try session.executeSimple(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())
                """)
            let applied = try appliedVersion(session)
            var names: [String] = []
            for migration in migrations where migration.number > applied {
                try session.begin()
                do {
                    try session.executeSimple(migration.sql)
                    _ = try session.execute(
                        Statements.record, [.int4(Int32(migration.number)), .text(migration.name)])
                    try session.commit()
                } catch {
                    try? session.rollback()
                    throw error
                }
                names.append(migration.name)
            }
            return names
        }
    }

    /// Checks that the schema is there and that of this program, and the database fit for it.
    ///
    /// - Throws: ``StoreError`` `unsuitable_database`, `schema_missing`, `schema_foreign`, `schema_too_old` or
    ///   `schema_too_new`.
    package func check() async throws {
        let version = try await pool.withSession { session in
            try DatabaseRequirements.check(session, writes: false)
            let exists = try session.execute(Statements.exists)
            guard try exists.only() else {
                throw StoreError(.schemaMissing, "the database has no schema yet: run 'mixmyai migrate'")
            }
            return try appliedVersion(session)
        }
        if version < newest {
            throw StoreError(
                .schemaTooOld,
                "the database is at schema \(version), this program needs \(newest): run 'mixmyai migrate'")
        }
    }

    private var newest: Int { migrations.last?.number ?? 0 }

    /// The number of the newest migration that was applied; 0: none.
    private func appliedVersion(_ session: PostgresSession) throws -> Int {
        var version = 0
        try session.execute(Statements.applied).forEach { row in
            version = try row("number")
            let (name, database): (String, String) = (try row("name"), try row("database"))
            guard let known = migrations.first(where: { $0.number == version }) else { return }
            guard known.name == name else { throw Self.foreign(database) }
        }
        guard version <= newest else {
            throw StoreError(.schemaTooNew, "the database is at schema \(version), this program knows \(newest)")
        }
        return version
    }

    /// Programs before 0.1.0 numbered other migrations from 1 as well.
    private static func foreign(_ database: String) -> StoreError {
        StoreError(
            .schemaForeign,
            "the database \"\(database)\" was made by a program before 0.1.0 and cannot be upgraded: make an empty one, for "
                + "example with `createdb \(database)_new`, and name it in DATABASE_URL; a private fleet gets one with "
                + "another --state-dir")
    }

    private enum Statements {
        static let lock = PostgresStatement("migrate_lock", "SELECT pg_advisory_lock($1)")
        static let unlock = PostgresStatement("migrate_unlock", "SELECT pg_advisory_unlock($1)")
        static let applied = PostgresStatement(
            "migrate_applied",
            "SELECT number::int8, name, current_database()::text AS database FROM schema_migrations ORDER BY number")
        static let record = PostgresStatement(
            "migrate_record", "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)")
        static let exists = PostgresStatement(
            "migrate_exists", "SELECT to_regclass('schema_migrations') IS NOT NULL")
    }
}
