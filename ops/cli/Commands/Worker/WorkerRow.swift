import FleetCore
import PostgresClient

/// A worker as it last reported itself.
struct WorkerRow: Sendable {
    let name: String
    let state: String
    let slots: Int
    let running: Int
    let agentTypes: [String]
    /// Microseconds since 1970-01-01 UTC.
    let startedAt: Int
    /// Since the last sign of life.
    let heartbeatAge: Double

    static func read(_ pool: PostgresPool, includingEnded: Bool) async throws -> [WorkerRow] {
        try await pool.withSession { session in
            try session.execute(select, [.bool(includingEnded)]).map { row in
                WorkerRow(
                    name: try row("name"), state: try row("state"), slots: try row("slots"),
                    running: try row("running"), agentTypes: try row("agent_types"),
                    startedAt: try row.time("started_at"), heartbeatAge: try row("heartbeat_age"))
            }
        }
    }

    var json: JSONValue {
        [
            "name": .string(name), "state": .string(state), "slots": .integer(slots), "running": .integer(running),
            "agent_types": .strings(agentTypes), "started_at": .string(Timestamp.iso8601(microseconds: startedAt)),
            "heartbeat_age_seconds": .double(heartbeatAge),
        ]
    }

    static func table(_ workers: [WorkerRow]) -> TextTable {
        var table = TextTable([
            .init("WORKER"), .init("STATE", isState: true), .init("RUNNING", isNumeric: true),
            .init("SLOTS", isNumeric: true), .init("HEARTBEAT", isNumeric: true), .init("STARTED (UTC)"),
            .init("AGENT TYPES"),
        ])
        for worker in workers {
            table.add([
                worker.name, worker.state, "\(worker.running)", "\(worker.slots)", "\(Int(worker.heartbeatAge)) s ago",
                PlainText.time(Timestamp.iso8601(microseconds: worker.startedAt)),
                worker.agentTypes.count > 4
                    ? "\(worker.agentTypes.count) types" : worker.agentTypes.joined(separator: ","),
            ])
        }
        return table
    }

    /// A worker that was started again has several rows: those that have ended are history.
    private static let select = PostgresStatement(
        "workers_list",
        """
        SELECT name, state, slots, running, agent_types, started_at,
               greatest(0, extract(epoch FROM now() - heartbeat_at))::float8 AS heartbeat_age
        FROM workers WHERE $1 OR state IN ('active', 'draining') ORDER BY name, started_at
        """)
}
