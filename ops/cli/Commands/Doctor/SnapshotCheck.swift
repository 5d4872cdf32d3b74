import FleetStore

/// Whether somebody's old snapshot keeps PostgreSQL from removing deleted rows: a backup by `pg_dump`, a long report, a
/// forgotten BEGIN. Queue tables and their indexes grow for as long, and every look at them takes longer.
enum SnapshotCheck {
    /// Many times what any transaction of the fleet takes.
    static let longest: Duration = .seconds(600)

    /// Nil if there is none.
    static func finding(_ store: OperatorStore, longest: Duration = longest) async throws -> Finding? {
        guard let snapshot = try await store.snapshot(heldFor: longest) else { return nil }
        let name = snapshot.application.isEmpty ? "unnamed" : snapshot.application
        return .problem(
            "old snapshot",
            "session \(snapshot.process) (\(name)) has held a snapshot for "
                + "\(PlainText.duration(seconds: snapshot.age)): rows deleted since stay in the tables",
            "end it (`SELECT pg_terminate_backend(\(snapshot.process))`), and take backups with pg_basebackup or from a "
                + "replica")
    }
}
