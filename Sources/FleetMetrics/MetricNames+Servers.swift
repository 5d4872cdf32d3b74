extension MetricNames {
    package static let dependencyUp = MetricDefinition.gauge(
        "mixmyai_dependency_up", help: "1 while what this process needs answers, else 0.", labels: ["dependency"])
    package static let connectionsMade = MetricDefinition.counter(
        "mixmyai_connections_made_total", help: "Connections made, the first ones included.", labels: ["server"])
    package static let poolBusy = MetricDefinition.gauge(
        "mixmyai_database_pool_busy", help: "Database connections that are lent.")
    package static let poolWaiting = MetricDefinition.gauge(
        "mixmyai_database_pool_waiting", help: "Callers that stand in line for a database connection.")
    package static let poolWaits = MetricDefinition.counter(
        "mixmyai_database_pool_waits_total", help: "Callers that had to stand in line for a database connection.")
    package static let poolWaitSeconds = MetricDefinition.counter(
        "mixmyai_database_pool_wait_seconds_total", help: "Time that callers stood in line, in seconds.")
    package static let databaseSessions = MetricDefinition.gauge(
        "mixmyai_database_sessions", help: "Sessions of the database server, of whomever.")
    package static let databaseSessionsMaximum = MetricDefinition.gauge(
        "mixmyai_database_sessions_max", help: "Sessions that the database server may have.")
    package static let oldestSnapshot = MetricDefinition.gauge(
        "mixmyai_database_oldest_snapshot_seconds",
        help: "How long the oldest transaction has held its snapshot, in seconds.")

    static let servers = [
        dependencyUp, connectionsMade, poolBusy, poolWaiting, poolWaits, poolWaitSeconds, databaseSessions,
        databaseSessionsMaximum, oldestSnapshot,
    ]
}
