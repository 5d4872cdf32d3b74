public import PostgresClient

/// Questions about the workers that are alive.
public enum WorkerCensus {
    /// Workers with a heartbeat in the last ten seconds.
    public static let alive = PostgresStatement(
        "workers_alive",
        "SELECT count(*) FROM workers WHERE state = 'active' AND heartbeat_at > now() - interval '10 seconds'")
}
