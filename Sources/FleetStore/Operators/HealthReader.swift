package import FleetCore
import JSON
package import PostgresClient

/// Reads ``HealthFacts``: one round trip.
package enum HealthReader {
    package static func read(_ session: PostgresSession) throws -> HealthFacts {
        let results = try session.pipeline(
            [schedulers, workers, queues, OperatorStore.circuitReports, clock].map { ($0, []) })
        var facts = HealthFacts()
        facts.schedulers = try results[0].map(scheduler)
        let (now, wakeUps): (Int, Int) = try results[4].one { row in (try row.time("now"), try row("wake_ups")) }
        facts.workers = try results[1].map { try worker(&$0, now: now) }
        facts.queues = try results[2].map(queue)
        facts.circuits = try OperatorStore.merged(results[3]).map { row in
            CircuitFacts(
                provider: row.circuit.provider, model: row.circuit.model, reason: row.circuit.reason.rawValue,
                error: row.circuit.error, age: age(of: row.circuit.openedAt, now: now), workers: row.workers,
                allWorkers: row.allWorkers)
        }
        facts.wakeUps = wakeUps
        return facts
    }

    private static func age(of moment: Int, now: Int) -> Double { max(0, Double(now - moment) / 1_000_000) }

    private static func scheduler(_ row: inout PostgresRow) throws -> SchedulerFacts {
        let turns = try row.json("turns")?.object?.members ?? []
        return SchedulerFacts(
            name: try row("name"), state: try row("state"), heartbeatAge: try row("age"),
            turns: Dictionary(
                turns.compactMap { member in member.value.double.map { (member.key, $0) } },
                uniquingKeysWith: { first, _ in first }))
    }

    private static func worker(_ row: inout PostgresRow, now: Int) throws -> WorkerFacts {
        var worker = WorkerFacts(
            name: try row("name"), state: try row("state"), slots: try row("slots"), running: try row("running"),
            heartbeatAge: try row("age"), agentTypes: try row("agent_types"))
        for (type, json) in (try row.json("hearing")?.object?.members ?? []).map({ ($0.key, $0.value) }) {
            guard let hearing = QueueHearing(json) else { continue }
            if let heardAt = hearing.canaryAt { worker.canaryAges[type] = age(of: heardAt, now: now) }
            if hearing.isDeaf { worker.deafTo[type] = age(of: hearing.quietSince, now: now) }
        }
        return worker
    }

    private static func queue(_ row: inout PostgresRow) throws -> QueueFacts {
        var queue = QueueFacts(agentType: try row("agent_type"))
        queue.waiting = try row("waiting")
        queue.workers = try row("workers")
        queue.freeWorkers = try row("free_workers")
        queue.tellingWorkers = try row("telling_workers")
        queue.consumers = try row("consumers")
        queue.lookAge = try row("look_age")
        queue.seenAge = try row("seen_age")
        queue.canaryAge = try row("canary_age")
        queue.silence = try row("silence")
        return queue
    }

    private static let clock = PostgresStatement(
        "health_clock", "SELECT now() AS now, (SELECT count(*) FROM task_wakeups) AS wake_ups")

    private static let schedulers = PostgresStatement(
        "health_schedulers",
        """
        SELECT name, state, greatest(0, extract(epoch FROM now() - heartbeat_at))::float8 AS age, turns::text
        FROM schedulers ORDER BY name, started_at
        """)

    /// One that is silent is of interest until another one has its name; one that was lost, for an hour.
    private static let workers = PostgresStatement(
        "health_workers",
        """
        SELECT name, state, slots, running, agent_types, hearing::text,
               greatest(0, extract(epoch FROM now() - heartbeat_at))::float8 AS age
        FROM workers w
        WHERE (state IN ('active', 'draining') OR state = 'lost' AND heartbeat_at > now() - interval '1 hour')
            AND (state <> 'lost' AND heartbeat_at > now() - interval '2 seconds' OR NOT EXISTS (
                SELECT FROM workers o WHERE o.name = w.name AND o.started_at > w.started_at))
        ORDER BY name, started_at
        """)

    private static let queues = PostgresStatement(
        "health_queues",
        """
        SELECT q.agent_type, coalesce(s.steps, 0)::int8 AS waiting, l.workers, l.free_workers, l.telling_workers,
               coalesce(c.consumers, 0) AS consumers,
               extract(epoch FROM now() - c.looked_at)::float8 AS look_age,
               extract(epoch FROM now() - c.seen_at)::float8 AS seen_age,
               \(CanarySQL.ages("c", "h"))
        FROM agent_queues q
        LEFT JOIN canaries c ON c.agent_type = q.agent_type
        LEFT JOIN LATERAL \(CanarySQL.heard("c")) h ON TRUE
        LEFT JOIN LATERAL (
            SELECT count(*) AS steps FROM steps WHERE state IN ('ready', 'dispatched') AND agent_type = q.agent_type) s
            ON TRUE
        CROSS JOIN LATERAL (
            SELECT count(*) AS workers, count(*) FILTER (WHERE w.running < w.slots) AS free_workers,
                   count(*) FILTER (WHERE w.hearing IS NOT NULL) AS telling_workers
            FROM workers w WHERE \(LiveWorkers.takesWork) AND q.agent_type = ANY(w.agent_types)) l
        WHERE q.retired_at IS NULL ORDER BY q.agent_type
        """)
}
