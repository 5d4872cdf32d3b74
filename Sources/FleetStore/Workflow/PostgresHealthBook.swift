package import FleetCore
import JSON
package import PostgresClient

/// Signs of life on PostgreSQL. None of its commits waits for the disk: after a crash of the server they are worth
/// nothing.
package struct PostgresHealthBook: HealthBook {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func register(scheduler name: String) async throws(StoreFailure) -> Int {
        try await pool.session { try $0.execute(Statements.register, [.text(name.cut(to: 100))]).only() }
    }

    /// One that was given up as lost and comes back is active again.
    package func beat(scheduler id: Int, turns: [SchedulerTurn]) async throws(StoreFailure) -> Set<String>? {
        var ages = JSONObject()
        for turn in turns { ages[turn.duty] = .double(turn.age.inSeconds) }
        let json = JSONValue.object(ages).serialized()
        return try await pool.session { session in
            let results = try session.pipeline([
                (PostgresWorkflowStore.DispatchStatements.asynchronousCommit, []),
                (Statements.beat, [.int8(id), .jsonb(json)]), (Statements.waiting, []),
            ])
            return results[1].affectedRows == 0 ? nil : Set(try results[2].column() as [String])
        }
    }

    package func retire(scheduler id: Int) async throws(StoreFailure) {
        try await pool.session { _ = try $0.execute(Statements.retire, [.int8(id)]) }
    }

    /// Also gives up schedulers that are silent, and forgets those of yesterday.
    package func takeCanaries(of agentTypes: [String]) async throws(StoreFailure) -> [String] {
        try await pool.session { session in
            let results = try session.pipeline([
                (PostgresWorkflowStore.DispatchStatements.asynchronousCommit, []),
                // A little less: whoever looks every second would find the last second missing.
                (
                    Statements.take,
                    [.textArray(agentTypes), .float8((Canary.interval - .milliseconds(500)).inSeconds)]
                ),
                (Statements.giveUp, []), (Statements.forget, []),
            ])
            return try results[1].column()
        }
    }

    package func note(_ sightings: [QueueSighting], mayBeLost: Bool) async throws(StoreFailure) -> [Canary] {
        guard !sightings.isEmpty else { return [] }
        return try await pool.session { session in
            let results = try session.pipeline([
                (PostgresWorkflowStore.DispatchStatements.asynchronousCommit, []),
                Statements.note(
                    sightings, .bool(mayBeLost), .float8(Canary.lossAfter.inSeconds),
                    .float8(Canary.doubtAfter.inSeconds)),
            ])
            return try results[1].map { row in
                let canary = Canary(agentType: try row("agent_type"), number: try row("number"))
                return try row("is_sent") ? canary : nil
            }.compactMap(\.self)
        }
    }

    package func withdraw(_ canaries: [Canary]) async throws(StoreFailure) {
        guard !canaries.isEmpty else { return }
        try await pool.session { _ = try $0.pipeline([Statements.withdraw(canaries)]) }
    }

    private enum Statements {
        static let register = PostgresStatement(
            "scheduler_register", "INSERT INTO schedulers (name) VALUES ($1) RETURNING scheduler_id")

        static let beat = PostgresStatement(
            "scheduler_beat",
            "UPDATE schedulers SET heartbeat_at = now(), state = 'active', turns = $2 WHERE scheduler_id = $1")

        static let retire = PostgresStatement(
            "scheduler_retire", "UPDATE schedulers SET state = 'retired', heartbeat_at = now() WHERE scheduler_id = $1")

        static let giveUp = PostgresStatement(
            "scheduler_give_up",
            """
            UPDATE schedulers s SET state = 'lost' FROM (
                SELECT scheduler_id FROM schedulers
                WHERE state = 'active' AND heartbeat_at < now() - interval '30 seconds'
                ORDER BY scheduler_id FOR UPDATE SKIP LOCKED) v
            WHERE s.scheduler_id = v.scheduler_id
            """)

        static let forget = PostgresStatement(
            "scheduler_forget",
            """
            DELETE FROM schedulers s USING (
                SELECT scheduler_id FROM schedulers WHERE state <> 'active' AND heartbeat_at < now() - interval '1 day'
                ORDER BY scheduler_id FOR UPDATE SKIP LOCKED) v
            WHERE s.scheduler_id = v.scheduler_id
            """)

        /// Of several schedulers one gets a queue.
        static let take = PostgresStatement(
            "canary_take",
            """
            INSERT INTO canaries AS c (agent_type, looked_at)
            SELECT t.agent_type, now() FROM unnest($1::text[]) AS t (agent_type) ORDER BY t.agent_type
            ON CONFLICT (agent_type) DO UPDATE SET looked_at = now()
                WHERE c.looked_at <= now() - make_interval(secs => $2)
            RETURNING agent_type
            """)

        /// Where nobody consumes nothing is sent: it would lie there and look like work.
        static let note = TableStatement<QueueSighting>(
            "canary_note",
            [.text("agent_type", \.agentType), .int4("ready", \.ready), .int4("consumers", \.consumers)]
        ) { v in
            """
            WITH looked AS MATERIALIZED (
                SELECT c.agent_type, v.ready, v.consumers, c.number, c.sent_at, c.silent_since, h.*
                FROM \(v) JOIN canaries c USING (agent_type) CROSS JOIN LATERAL \(CanarySQL.heard("c")) h
                ORDER BY c.agent_type FOR UPDATE OF c),
            judged AS (
                SELECT *, consumers > 0 AND (
                        heard >= number OR sent_at IS NULL OR \(v.parameter(1))
                        OR (ready = 0 AND sent_at < now() - make_interval(secs => \(v.parameter(2))))
                        OR sent_at < now() - make_interval(secs => \(v.parameter(3)))) AS is_sent,
                    CASE WHEN NOT has_places OR (consumers > 0 AND number > 0 AND heard >= number) THEN NULL
                         ELSE coalesce(silent_since, now()) END AS silent
                FROM looked)
            UPDATE canaries c SET seen_at = now(), consumers = j.consumers, heard = j.heard, heard_at = j.heard_at,
                silent_since = j.silent, number = j.number + CASE WHEN j.is_sent THEN 1 ELSE 0 END,
                sent_at = CASE WHEN j.is_sent THEN now() ELSE j.sent_at END
            FROM judged j WHERE c.agent_type = j.agent_type
            RETURNING c.agent_type, c.number, j.is_sent
            """
        }

        static let withdraw = TableStatement<Canary>(
            "canary_withdraw", [.text("agent_type", \.agentType), .int8("number", \.number)]
        ) { v in
            """
            UPDATE canaries c SET number = c.number - 1, sent_at = NULL FROM \(v)
            WHERE c.agent_type = v.agent_type AND c.number = v.number
            """
        }

        static let waiting = PostgresStatement(
            "canary_waiting",
            """
            SELECT c.agent_type FROM canaries c CROSS JOIN LATERAL \(CanarySQL.heard("c")) h
            WHERE c.sent_at < now() - interval '1 second' AND h.heard < c.number
            """)
    }
}
