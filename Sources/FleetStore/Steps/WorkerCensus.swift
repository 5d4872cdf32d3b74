package import PostgresClient

/// Questions about the workers that are alive.
package enum WorkerCensus {
    /// Workers with a heartbeat in the last ten seconds.
    package static let alive = PostgresStatement(
        "workers_alive",
        "SELECT count(*) FROM workers WHERE state = 'active' AND heartbeat_at > now() - interval '10 seconds'")
}
