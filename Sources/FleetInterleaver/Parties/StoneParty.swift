import FleetTesting
import PostgresClient

/// Lies in the way: holds one row for a few turns, so that a statement which locks several comes to stand in the middle
/// of them. Sessions that run side by side are interrupted there by the machine; here it takes somebody who does it.
struct StoneParty: Party {
    let pool: PostgresPool
    let gate: TurnGate
    var generator: SeededGenerator

    private static let rows: [(name: String, sql: String)] = [
        (
            "step",
            """
            SELECT step_id::text FROM steps WHERE step_id = (
                SELECT step_id FROM steps WHERE state IN ('ready', 'dispatched', 'running', 'parked')
                ORDER BY step_id OFFSET $1 % greatest(1, (
                    SELECT count(*) FROM steps WHERE state IN ('ready', 'dispatched', 'running', 'parked'))) LIMIT 1)
            FOR UPDATE
            """
        ),
        (
            "task",
            """
            SELECT task_id FROM tasks WHERE task_id = (
                SELECT task_id FROM tasks ORDER BY task_id OFFSET $1 % greatest(1, (SELECT count(*) FROM tasks)) LIMIT 1)
            FOR NO KEY UPDATE
            """
        ),
        (
            "subtask",
            """
            SELECT subtask_id FROM subtasks WHERE subtask_id = (
                SELECT subtask_id FROM subtasks ORDER BY subtask_id
                OFFSET $1 % greatest(1, (SELECT count(*) FROM subtasks)) LIMIT 1)
            FOR NO KEY UPDATE
            """
        ),
        ("clock", "SELECT priority::text FROM fair_clocks WHERE priority = $1 % 4 FOR NO KEY UPDATE"),
        (
            "flow",
            """
            SELECT flow FROM fair_flows WHERE (priority, flow) = (
                SELECT priority, flow FROM fair_flows ORDER BY priority, flow
                OFFSET $1 % greatest(1, (SELECT count(*) FROM fair_flows)) LIMIT 1)
            FOR NO KEY UPDATE
            """
        ),
        (
            "worker",
            """
            SELECT worker_id::text FROM workers WHERE worker_id = (
                SELECT worker_id FROM workers ORDER BY worker_id OFFSET $1 % greatest(1, (SELECT count(*) FROM workers)) LIMIT 1)
            FOR NO KEY UPDATE
            """
        ),
    ]
    private static let rest = PostgresStatement("stone_lies", "SELECT 1")

    mutating func operate() async throws -> Bool {
        // Steps are what most statements lock several of.
        let (name, sql) = Self.rows[max(0, roll(Self.rows.count + 5) - 5)]
        let (number, turns) = (roll(1000), roll(5))
        gate.begins("lies on a \(name)")
        let statement = PostgresStatement("stone_\(name)", sql)
        // Whom a deadlock has taken the row from has nothing to try again.
        _ = try await pool.withSession { session in
            try session.begin()
            _ = try session.execute(statement, [.int8(number)])
            for _ in 0..<turns { _ = try session.execute(Self.rest) }
            try session.commit()
        }
        return true
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}
