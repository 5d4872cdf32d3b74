import PostgresClient

/// Whether somebody's old snapshot keeps PostgreSQL from removing deleted rows: a backup by `pg_dump`, a long report, a
/// forgotten BEGIN. Queue tables and their indexes grow for as long, and every look at them takes longer.
enum SnapshotCheck {
    /// Many times what any transaction of the fleet takes.
    static let longest: Duration = .seconds(600)

    /// Nil if there is none.
    static func finding(_ pool: PostgresPool, longest: Duration = longest) async throws -> Finding? {
        let seconds = Double(longest.components.seconds)
        return try await pool.withSession { session in
            let oldest = try session.execute(oldest, [.float8(seconds)]).first { row -> (Int, String, Int) in
                (try row("pid"), try row("name"), try row("age"))
            }
            guard let (process, name, age) = oldest else { return nil }
            return .problem(
                "old snapshot",
                "session \(process) (\(name.isEmpty ? "unnamed" : name)) has held a snapshot for "
                    + "\(PlainText.duration(seconds: age)): rows deleted since stay in the tables",
                "end it (`SELECT pg_terminate_backend(\(process))`), and take backups with pg_basebackup or from a replica"
            )
        }
    }

    private static let oldest = PostgresStatement(
        "oldest_snapshot",
        """
        SELECT pid, coalesce(application_name, '') AS name, extract(epoch FROM now() - xact_start)::int4 AS age
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
            AND backend_type = 'client backend' AND xact_start < now() - make_interval(secs => $1)
        ORDER BY xact_start LIMIT 1
        """)
}
