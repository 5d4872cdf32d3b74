import PostgresClient

/// A worker as it last reported itself.
package struct WorkerRow: Sendable, Equatable {
    package let name: String
    package let state: String
    package let slots: Int
    package let running: Int
    package let agentTypes: [String]
    /// Microseconds since 1970-01-01 UTC.
    package let startedAt: Int
    /// Seconds since the last sign of life.
    package let heartbeatAge: Double

    init(_ row: inout PostgresRow) throws {
        name = try row("name")
        state = try row("state")
        slots = try row("slots")
        running = try row("running")
        agentTypes = try row("agent_types")
        startedAt = try row.time("started_at")
        heartbeatAge = try row("heartbeat_age")
    }
}
