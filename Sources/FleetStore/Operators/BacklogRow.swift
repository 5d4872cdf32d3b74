import PostgresClient

/// The open work of one agent type.
package struct BacklogRow: Sendable, Equatable {
    package let agentType: String
    package let ready: Int
    package let dispatched: Int
    package let running: Int
    package let parked: Int
    /// Dead letters that nobody has resolved.
    package let dead: Int

    init(_ row: inout PostgresRow) throws {
        agentType = try row("agent_type")
        ready = try row("ready")
        dispatched = try row("dispatched")
        running = try row("running")
        parked = try row("parked")
        dead = try row("dead")
    }
}
