package import Autoscaling
import FleetCore
package import PostgresClient

/// What workers are wanted by: the work that waits, per agent type, and the workers that there are.
package enum ScalingReader {
    /// What one look at the rows has found.
    package struct Reading: Sendable, Equatable {
        /// Every agent type of the catalogue.
        package var types: [TypeBacklog]
        /// The workers that are alive, wherever they run.
        package var workers: [Worker]
        /// By the database's clock, microseconds since 1970.
        package var asOf: Int
    }

    /// A live worker's row.
    package struct Worker: Sendable, Equatable {
        package var name: String
        package var agentTypes: [String]
        package var slots: Int
        package var running: Int
        package var isDraining: Bool
        /// Microseconds since 1970.
        package var startedAt: Int
    }

    /// One round trip. Reads the index entries of all that waits: whoever asks often paces itself by what it takes.
    package static func read(_ session: PostgresSession) throws -> Reading {
        let results = try session.pipeline([
            (types, []), (waiting, [.text(StepKind.taskAnalysis.role.rawValue)]), (workers, []),
        ])
        var (backlogs, order, asOf): ([String: TypeBacklog], [String], Int) = ([:], [], 0)
        try results[0].forEach { row in
            let (type, role, isPaused): (String, String, Bool) = try (row("agent_type"), row("role"), row("is_paused"))
            asOf = try row.time("as_of")
            // A role that this program does not know is one that its policy has no numbers for.
            guard let role = AgentRole(rawValue: role) else { return }
            backlogs[type] = TypeBacklog(agentType: type, role: role, isClosed: isPaused)
            order.append(type)
        }
        guard !order.isEmpty else {
            throw StoreError(.notRegistered, "no scheduler has registered the agent types yet")
        }
        try results[1].forEach { row in
            let type: String? = try row("agent_type")
            guard let type, var backlog = backlogs[type] else {
                // Steps of a type that has left the catalogue: nobody serves them.
                return row.skipRest()
            }
            try add(&row, to: &backlog)
            backlogs[type] = backlog
        }
        return Reading(
            types: order.compactMap { backlogs[$0] },
            workers: try results[2].map { row in
                Worker(
                    name: try row("name"), agentTypes: try row("agent_types"), slots: try row("slots"),
                    running: try row("running"), isDraining: try row("is_draining"),
                    startedAt: try row.time("started_at"))
            }, asOf: asOf)
    }

    private static func add(_ row: inout PostgresRow, to backlog: inout TypeBacklog) throws {
        let (state, rank, steps): (String, Int, Int) = try (row("state"), row("priority"), row("steps"))
        let seconds: Double? = try row("age")
        let priority = Priority(rank: rank) ?? .low
        if let age = seconds.map({ Duration.milliseconds(Int(max(0, $0) * 1000)) }) {
            backlog.oldestAge = max(backlog.oldestAge ?? .zero, age)
        }
        switch state {
        case "ready": backlog.waiting[priority, default: .init()].ready += steps
        case "capacity":
            backlog.waiting[priority, default: .init()].forCapacity += steps
            backlog.parked += steps
        case "parked": backlog.parked += steps
        case "dispatched": backlog.dispatched += steps
        default: backlog.running += steps
        }
    }

    private static let types = PostgresStatement(
        "scaling_types",
        """
        SELECT q.agent_type, a.role, q.is_paused, now() AS as_of
        FROM agent_queues q JOIN agents a ON a.agent_id = q.agent_type AND a.is_active
        WHERE q.retired_at IS NULL ORDER BY q.agent_type
        """)

    /// Each open state has a partial index. One statement, so that a step that moves is counted once. A step that was
    /// parked waits since its time came; a task that nobody has taken up yet is a ready step of the role `$1`.
    private static let waiting = PostgresStatement(
        "scaling_waiting",
        """
        SELECT agent_type, 'ready' AS state, priority::int4 AS priority, count(*) AS steps,
               extract(epoch FROM now() - min(greatest(created_at, not_before)))::float8 AS age
        FROM steps WHERE state = 'ready' GROUP BY agent_type, priority
        UNION ALL
        SELECT (SELECT min(agent_type) FROM agents WHERE role = $1 AND is_active), 'ready', rank, count(*),
               extract(epoch FROM now() - min(created_at))::float8
        FROM (SELECT \(PostgresWorkflowStore.AdmissionStatements.rank)::int4 AS rank, created_at FROM tasks
              WHERE is_new AND NOT is_held AND \(PostgresWorkflowStore.AdmissionStatements.isDue)) new
        GROUP BY rank
        UNION ALL
        SELECT agent_type, 'dispatched', 0, count(*),
               extract(epoch FROM now() - min(greatest(created_at, not_before)))::float8
        FROM steps WHERE state = 'dispatched' GROUP BY agent_type
        UNION ALL
        SELECT agent_type, CASE WHEN wait_reason IN (\(PostgresWorkflowStore.DispatchStatements.capacityReasons))
                                THEN 'capacity' ELSE 'parked' END, priority::int4, count(*), NULL
        FROM steps WHERE state = 'parked' GROUP BY 1, 2, 3
        UNION ALL
        SELECT agent_type, 'running', 0, count(*), NULL FROM steps WHERE state = 'running' GROUP BY agent_type
        """)

    private static let workers = PostgresStatement(
        "scaling_workers",
        """
        SELECT name, agent_types, slots, running, state = 'draining' AS is_draining, started_at FROM workers
        WHERE \(LiveWorkers.lives) ORDER BY name, started_at
        """)
}
