import PostgresClient

/// A database of its own for many runs, one after another: each finds it as if it were new.
package final class InterleavingDatabase: Sendable {
    /// A connection that only one party uses.
    struct Seat: Sendable {
        let pool: PostgresPool
        let gate: TurnGate
    }

    /// For what is not interleaved, and for whoever looks who waits for whom.
    let observer: PostgresPool
    private let seats: [Seat]
    private let tables: String

    /// - Parameter url: of a database with the fleet's schema that nobody else uses; its user is a superuser.
    package init(url: String, seats count: Int = 15) async throws {
        var configuration = try PostgresConfiguration(url: url)
        configuration.maximumConnections = 2
        observer = PostgresPool(configuration: configuration)
        try await observer.withSession { session in
            try session.executeSimple(Self.settings)
        }
        tables = try await observer.withSession { session in
            try session.execute(
                PostgresStatement(
                    "interleaver_tables",
                    """
                    SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
                    WHERE schemaname = 'public' AND tablename NOT IN ('schema_migrations', 'fair_clocks')
                    """)
            ).only() as String
        }
        // After the settings: they hold for new connections.
        seats = try (0..<count).map { _ in
            var configuration = try PostgresConfiguration(url: url)
            configuration.maximumConnections = 1
            let gate = TurnGate()
            configuration.statementGate = gate
            return Seat(pool: PostgresPool(configuration: configuration), gate: gate)
        }
    }

    /// Nothing moves that no party has moved: neither the vacuum nor what it counts.
    private static let settings = """
        DO $$ DECLARE t record; BEGIN
            EXECUTE format('ALTER DATABASE %I SET synchronous_commit = ''off''', current_database());
            FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', t.tablename);
            END LOOP;
        END $$
        """

    func seat(_ index: Int) -> Seat { seats[index] }

    /// Empties all tables and begins all numbers anew.
    func reset() async throws {
        let tables = tables
        try await observer.withSession { session in
            try session.executeSimple(
                """
                TRUNCATE \(tables) RESTART IDENTITY;
                ALTER SEQUENCE step_ids RESTART;
                UPDATE fair_clocks SET virtual_time = 0
                """)
        }
    }

    /// Closes all connections.
    package func shutdown() async {
        for seat in seats { await seat.pool.shutdown() }
        await observer.shutdown()
    }
}
