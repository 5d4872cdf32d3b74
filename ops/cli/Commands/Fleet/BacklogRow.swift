import FleetCore
import PostgresClient

/// The open work of one agent type.
struct BacklogRow: Sendable, Equatable {
    let agentType: String
    let ready: Int
    let dispatched: Int
    let running: Int
    let parked: Int
    /// Dead letters that nobody has resolved.
    let dead: Int

    /// Agent types with open work or open dead letters.
    static func all(_ pool: PostgresPool) async throws -> [BacklogRow] {
        try await pool.withSession { session in
            try session.execute(select).map { row in
                BacklogRow(
                    agentType: try row("agent_type"), ready: try row("ready"), dispatched: try row("dispatched"),
                    running: try row("running"), parked: try row("parked"), dead: try row("dead"))
            }
        }
    }

    private var counts: [(String, Int)] {
        [("ready", ready), ("dispatched", dispatched), ("running", running), ("parked", parked), ("dead", dead)]
    }

    var json: JSONValue {
        var object = JSONObject()
        object["agent_type"] = .string(agentType)
        for (name, count) in counts { object[name] = .integer(count) }
        return .object(object)
    }

    static func table(_ rows: [BacklogRow]) -> TextTable {
        let numbers = ["READY", "DISPATCHED", "RUNNING", "PARKED", "DEAD"]
        var table = TextTable([.init("AGENT TYPE")] + numbers.map { .init($0, isNumeric: true) })
        for row in rows { table.add([row.agentType] + row.counts.map { "\($0.1)" }) }
        return table
    }

    /// Each open state has a partial index, so finished work costs nothing here. A task that nobody has taken up yet waits
    /// for the step that it begins with.
    private static let select = PostgresStatement(
        "backlog",
        """
        SELECT agent_type, sum(ready)::int8 AS ready, sum(dispatched)::int8 AS dispatched,
               sum(running)::int8 AS running, sum(parked)::int8 AS parked, sum(dead)::int8 AS dead
        FROM (
            SELECT agent_type, count(*) AS ready, 0 AS dispatched, 0 AS running, 0 AS parked, 0 AS dead
            FROM steps WHERE state = 'ready' GROUP BY agent_type
            UNION ALL SELECT (SELECT min(agent_type) FROM agents WHERE role = '\(StepKind.taskAnalysis.role.rawValue)' AND is_active),
                count(*), 0, 0, 0, 0
            FROM tasks WHERE workflow_state = 'pending' HAVING count(*) > 0
            UNION ALL SELECT agent_type, 0, count(*), 0, 0, 0 FROM steps WHERE state = 'dispatched' GROUP BY agent_type
            UNION ALL SELECT agent_type, 0, 0, count(*), 0, 0 FROM steps WHERE state = 'running' GROUP BY agent_type
            UNION ALL SELECT agent_type, 0, 0, 0, count(*), 0 FROM steps WHERE state = 'parked' GROUP BY agent_type
            UNION ALL SELECT agent_type, 0, 0, 0, 0, count(*) FROM dead_letters WHERE resolved_at IS NULL
            GROUP BY agent_type
        ) AS open WHERE agent_type IS NOT NULL GROUP BY agent_type ORDER BY agent_type
        """)
}
