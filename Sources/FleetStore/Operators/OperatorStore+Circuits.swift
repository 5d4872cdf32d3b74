package import FleetCore
import JSON
import PostgresClient

/// The circuits that workers have told of, and the wish to close them.
extension OperatorStore {
    /// Those that are open, by provider and model.
    package func openCircuits() async throws -> [CircuitRow] {
        try await pool.withSession { session in
            try Self.merged(try session.execute(Self.circuitReports))
        }
    }

    /// - Parameter rows: of ``circuitReports``.
    static func merged(_ rows: PostgresRows) throws -> [CircuitRow] {
        CircuitRow.merged(
            try rows.map { row in
                (try row.json("circuits")?.array ?? []).compactMap(CircuitReport.init)
            })
    }

    /// Writes the wish, and lets the steps that wait for circuits come back when the workers have heard of it.
    ///
    /// - Returns: workers that will, and steps that do.
    package func resetCircuits(
        provider: String?, model: String?, _ action: OperatorAction
    ) async throws -> (workers: Int, steps: Int) {
        try await pool.transaction { session in
            let rows = try session.execute(
                Self.wish, [provider.map { .text($0) } ?? .null, model.map { .text($0) } ?? .null])
            let target = [provider, model].compactMap(\.self).joined(separator: "/")
            try AuditSQL.write(action, "circuit.reset", target.isEmpty ? "circuits" : "circuit/\(target)", in: session)
            return (try rows.only(), try session.execute(Self.release).affectedRows)
        }
    }

    static let circuitReports = PostgresStatement(
        "circuits",
        """
        SELECT circuits::text FROM workers
        WHERE \(LiveWorkers.lives)
        """)

    private static let wish = PostgresStatement(
        "circuit_reset",
        """
        WITH wish AS (INSERT INTO circuit_resets (provider, model) VALUES ($1::text, $2::text))
        SELECT count(*) FROM workers WHERE \(LiveWorkers.lives)
        """)

    /// In order, as all statements that touch many steps.
    private static let release = PostgresStatement(
        "circuit_release",
        """
        WITH waiting AS MATERIALIZED (
            SELECT step_id FROM steps WHERE state = 'parked' AND wait_reason = 'circuit_open'
            ORDER BY step_id FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE steps s SET not_before = least(not_before, now() + interval '1 second') FROM waiting w
        WHERE s.step_id = w.step_id AND s.state = 'parked'
        """)
}
