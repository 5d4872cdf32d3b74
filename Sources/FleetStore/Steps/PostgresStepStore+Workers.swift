import FleetCore
import PostgresClient

/// A worker's own row, and what it hears with each heartbeat.
extension PostgresStepStore {
    enum WorkerStatements {
        static let register = PostgresStatement(
            "worker_register",
            "INSERT INTO workers (name, agent_types, slots) VALUES ($1, $2, $3) RETURNING worker_id")

        /// A worker that was given up as lost and comes back is alive again; its old leases are gone all the same.
        static let beat = PostgresStatement(
            "worker_beat",
            """
            UPDATE workers SET heartbeat_at = now(), running = $2, state = $3, circuits = coalesce($4, circuits),
                hearing = coalesce($5, hearing)
            WHERE worker_id = $1 RETURNING heartbeat_at
            """)

        static let resets = PostgresStatement(
            "worker_resets",
            "SELECT reset_number, provider, model FROM circuit_resets WHERE reset_number > $1 ORDER BY reset_number")

        static let cancelled = PostgresStatement(
            "worker_cancelled",
            """
            SELECT s.step_id FROM steps s JOIN tasks t ON t.task_id = s.task_id
            WHERE s.worker_id = $1 AND s.state = 'running' AND t.cancel_epoch > s.cancel_epoch
            """)

        static let limits = PostgresStatement(
            "worker_limits",
            "SELECT \(LimitSetting.columns) FROM provider_limits")

        static let canaries = PostgresStatement(
            "worker_canaries",
            """
            SELECT agent_type, number, consumers, extract(epoch FROM now() - silent_since)::float8 AS silence
            FROM canaries WHERE agent_type = ANY($1)
            """)

        static let retire = PostgresStatement(
            "worker_retire", "UPDATE workers SET state = 'retired', running = 0 WHERE worker_id = $1")
    }
}
