package import FleetCore
package import PostgresClient

/// Reads what keeps a step, a task or a batch, each in one transaction.
package struct PostgresWaitReader: WaitReader {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func step(_ id: Int) async throws -> StepFacts? {
        try await pool.transaction { try Self.steps([id], $0).first }
    }

    package func task(_ id: String) async throws -> TaskFacts? {
        try await pool.transaction { session in
            let found = try session.execute(WaitStatements.task, [.text(id)]).first { row in
                var facts = TaskFacts(
                    taskID: try row("task_id"), status: try row("status"), state: try row.known("workflow_state"))
                facts.since = try row.optionalTime("updated_at")
                facts.failure = try row("failure")
                facts.ahead = try row("ahead")
                facts.isWoken = try row("is_woken")
                facts.isRequested = try row("is_requested")
                return (
                    facts, user: try row("user_id") as String, batch: try row("batch_id") as String?,
                    isPilot: try row("is_pilot") as Bool
                )
            }
            guard let (read, user, batch, isPilot) = found else { return nil }
            var facts = read
            facts.schedulerSilence = try Self.schedulerSilence(session)
            facts.holds = try Self.holds(user: user, batch: batch, withPilot: !isPilot, session)
            let open: [Int] = try session.execute(WaitStatements.openSteps, [.text(id)]).column()
            facts.openSteps = try Self.steps(open, session)
            facts.waitingParts = try session.execute(WaitStatements.waitingParts, [.text(id)]).map {
                TaskFacts.Part(title: try $0("title"), missing: try $0("missing"))
            }
            return facts
        }
    }

    package func batch(_ name: String) async throws -> BatchFacts? {
        try await pool.transaction { session in
            let found = try session.execute(WaitStatements.batch, [.text(name)]).first { row in
                BatchFacts(batchID: try row("batch_id"), name: try row("name"), userID: try row("user_id"))
            }
            guard var facts = found else { return nil }
            facts.schedulerSilence = try Self.schedulerSilence(session)
            facts.holds = try Self.holds(user: facts.userID, batch: facts.batchID, withPilot: true, session)
            facts.tasks = try session.execute(WaitStatements.batchTasks, [.text(facts.batchID)]).dictionary {
                (try $0.known("workflow_state"), try $0("tasks"))
            }
            var examples: [Int] = []
            facts.waiting = try session.execute(WaitStatements.batchSteps, [.text(facts.batchID)]).map { row in
                examples.append(try row("example"))
                return BatchFacts.Waiting(
                    agentType: try row("agent_type"), state: try row.known("state"),
                    waitReason: try row.ifKnown("wait_reason"),
                    limitWait: try row.json("limit_wait").flatMap(LimitWait.init), steps: try row("steps"),
                    until: try row.optionalTime("until"))
            }
            facts.examples = try Self.steps(examples, session)
            return facts
        }
    }

    private static func holds(
        user: String, batch: String?, withPilot: Bool, _ session: PostgresSession
    ) throws -> [Hold] {
        try session.execute(
            WaitStatements.holds, [.text(user), batch.map { .text($0) } ?? .null, .bool(withPilot)]
        ).map { try Hold(&$0) }
    }

    /// As ``HealthFacts/advanceAge``.
    private static func schedulerSilence(_ session: PostgresSession) throws -> Double? {
        try session.execute(WaitStatements.schedulerSilence).only()
    }

    /// In the order of the ids.
    private static func steps(_ ids: [Int], _ session: PostgresSession) throws -> [StepFacts] {
        guard !ids.isEmpty else { return [] }
        var holds: [Int: [Hold]] = [:]
        try session.execute(WaitStatements.stepHolds, [.int8Array(ids)]).forEach { row in
            holds[try row("step_id"), default: []].append(try Hold(&row))
        }
        let silence = try schedulerSilence(session)
        return try session.execute(WaitStatements.steps, [.int8Array(ids)]).map { row in
            let id: Int = try row("step_id")
            var facts = StepFacts(
                stepID: id, kind: try row("kind"), agentType: try row("agent_type"), state: try row.known("state"),
                attempt: try row("attempt"))
            facts.subtask = try row("subtask")
            facts.waitReason = try row.ifKnown("wait_reason")
            facts.throttles = try row("throttles")
            facts.error = try row("error")
            facts.since = try row.optionalTime("since")
            facts.notBefore = try row.optionalTime("not_before")
            facts.isCancelled = try row("is_cancelled")
            facts.ahead = try row("ahead")
            facts.holds = holds[id] ?? []
            facts.schedulerSilence = silence
            let (holder, age): (String?, Double?) = (try row("holder"), try row("holder_age"))
            facts.limitWait = try row.json("limit_wait").flatMap(LimitWait.init)
            facts.limitWaitSince = try row.optionalTime("limit_wait_since")
            if let holder, let age { facts.holder = StepFacts.Holder(name: holder, heartbeatAge: age) }
            let window: Int? = try row("window")
            let (isRetired, workers, slots, dispatched): (Bool, Int, Int, Int) =
                (try row("is_retired"), try row("workers"), try row("slots"), try row("dispatched"))
            let limited = try row.json("limited").flatMap(LimitWait.init)
            let limitedSteps: Int? = try row("limited_steps")
            facts.queue = window.map {
                var queue = StepFacts.Queue(
                    isRetired: isRetired, workers: workers, slots: slots, window: $0, dispatched: dispatched)
                queue.limited = limited.map { StepFacts.LimitedCalls(wait: $0, steps: limitedSteps ?? 0) }
                return queue
            }
            return facts
        }
    }
}

private enum WaitStatements {
    static let schedulerSilence = PostgresStatement(
        "why_scheduler",
        """
        SELECT min(extract(epoch FROM now() - heartbeat_at)::float8 + (turns ->> 'advance')::float8) FROM schedulers
        """)

    /// How many go before is counted for ready steps only, and up to ten thousand: it is read by people.
    static let steps = PostgresStatement(
        "why_steps",
        """
        SELECT s.step_id, s.kind, s.agent_type, s.state, s.attempt, u.title AS subtask,
               CASE WHEN s.state = 'parked' THEN s.wait_reason END AS wait_reason, s.throttles::int4,
               s.error,
               CASE s.state WHEN 'dispatched' THEN s.dispatched_at WHEN 'running' THEN s.started_at
                            WHEN 'ready' THEN s.created_at WHEN 'parked' THEN coalesce(s.started_at, s.created_at)
                            ELSE s.finished_at END AS since,
               s.not_before, coalesce(t.cancel_epoch > s.cancel_epoch, TRUE) AS is_cancelled,
               CASE WHEN s.state = 'ready' THEN (
                   SELECT count(*) FROM (
                       SELECT FROM steps o
                       WHERE o.state = 'ready' AND o.agent_type = s.agent_type
                           AND (o.priority, o.fair_tag, o.step_id) < (s.priority, s.fair_tag, s.step_id)
                       LIMIT 10000) before)
                    ELSE 0 END AS ahead,
               CASE WHEN s.state = 'running' AND \(StepSQL.isUncalled) THEN s.limit_wait END::text AS limit_wait, s.limit_wait_since,
               m.limit_wait::text AS limited, m.steps AS limited_steps, h.name AS holder, greatest(0, extract(epoch FROM now() - h.heartbeat_at))::float8 AS holder_age,
               q.ticket_window AS window, q.retired_at IS NOT NULL AS is_retired,
               coalesce(l.workers, 0) AS workers, coalesce(l.slots, 0)::int8 AS slots,
               (SELECT count(*) FROM steps d WHERE d.state = 'dispatched' AND d.agent_type = s.agent_type) AS dispatched
        FROM unnest($1::int8[]) WITH ORDINALITY AS k (step_id, place) JOIN steps s ON s.step_id = k.step_id
        LEFT JOIN tasks t ON t.task_id = s.task_id LEFT JOIN subtasks u ON u.subtask_id = s.subtask_id
        LEFT JOIN workers h ON h.worker_id = s.worker_id AND s.state = 'running'
        LEFT JOIN agent_queues q ON q.agent_type = s.agent_type
        LEFT JOIN LATERAL (
            SELECT count(*) AS workers, sum(w.slots) AS slots FROM workers w
            WHERE \(LiveWorkers.takesWork) AND s.agent_type = ANY(w.agent_types)) l ON TRUE
        LEFT JOIN LATERAL (
            -- Where it is less than a tenth, further places would not be full of the same.
            SELECT r.limit_wait, r.steps FROM (
                SELECT CASE WHEN \(StepSQL.isUncalled(of: "o")) THEN o.limit_wait END AS limit_wait, count(*) AS steps,
                       sum(count(*)) OVER () AS running
                FROM steps o JOIN (SELECT worker_id FROM workers WHERE \(LiveWorkers.lives)) w USING (worker_id)
                WHERE o.state = 'running' AND o.agent_type = s.agent_type AND s.state IN ('ready', 'dispatched') GROUP BY 1) r
            WHERE r.limit_wait IS NOT NULL AND r.steps * 10 >= r.running ORDER BY r.steps DESC LIMIT 1) m ON TRUE
        ORDER BY k.place
        """)

    private static let holdColumns = "h.scope, h.subject, h.reason, h.actor, h.created_at"

    static let stepHolds = PostgresStatement(
        "why_step_holds",
        """
        SELECT s.step_id, \(holdColumns)
        FROM steps s JOIN tasks t ON t.task_id = s.task_id
        JOIN holds h ON (h.scope = 'user' AND h.subject = t.user_id) OR (h.scope = 'batch' AND h.subject = t.batch_id)
            OR (h.scope = 'pilot' AND h.subject = t.batch_id AND NOT t.is_pilot)
            OR (h.scope = 'type' AND h.subject = s.agent_type)
        WHERE s.step_id = ANY($1)
        """)

    static let holds = PostgresStatement(
        "why_holds",
        """
        SELECT \(holdColumns) FROM holds h
        WHERE (h.scope = 'user' AND h.subject = $1) OR (h.scope = 'batch' AND h.subject = $2::text)
            OR (h.scope = 'pilot' AND h.subject = $2::text AND $3)
        """)

    static let task = PostgresStatement(
        "why_task",
        """
        SELECT t.task_id, t.status, t.workflow_state, t.updated_at, t.failure,
               CASE WHEN t.workflow_state = 'pending' THEN (
                   SELECT count(*) FROM (
                       SELECT FROM tasks o
                       WHERE o.is_new AND NOT o.is_held
                           AND (\(FairFlowSQL.rank(of: "o.priority::text")), o.fair_tag, o.task_id)
                               < (\(FairFlowSQL.rank(of: "t.priority::text")), t.fair_tag, t.task_id)
                       LIMIT 100000) before)
                    ELSE 0 END AS ahead,
               EXISTS (SELECT FROM task_wakeups w WHERE w.task_id = t.task_id) AS is_woken,
               t.retry_requested OR (t.status = 'revision_pending' AND t.active_revision_id IS NULL) AS is_requested,
               t.user_id, t.batch_id, t.is_pilot
        FROM tasks t WHERE t.task_id = $1
        """)

    static let openSteps = PostgresStatement(
        "why_open_steps",
        """
        SELECT step_id FROM steps
        WHERE task_id = $1 AND state IN ('ready', 'dispatched', 'running', 'parked') ORDER BY step_id LIMIT 20
        """)

    static let waitingParts = PostgresStatement(
        "why_waiting_parts",
        """
        SELECT u.title, array_agg(n.title ORDER BY n.ordinal)::text[] AS missing
        FROM tasks t JOIN subtasks u ON u.task_id = t.task_id AND u.plan_number = t.plan_number
        JOIN subtasks n ON n.task_id = t.task_id AND n.plan_number = t.plan_number AND n.plan_key = ANY(u.depends_on)
            AND n.acceptance_status IS DISTINCT FROM 'accepted'
        WHERE t.task_id = $1 AND u.status = 'pending' GROUP BY u.ordinal, u.title ORDER BY u.ordinal LIMIT 20
        """)

    static let batch = PostgresStatement(
        "why_batch",
        """
        SELECT batch_id, name, user_id FROM batches WHERE batch_id = $1 OR name = $1
        ORDER BY batch_id = $1 DESC, created_at DESC LIMIT 1
        """)

    static let batchTasks = PostgresStatement(
        "why_batch_tasks",
        "SELECT workflow_state, count(*) AS tasks FROM tasks WHERE batch_id = $1 GROUP BY workflow_state")

    static let batchSteps = PostgresStatement(
        "why_batch_steps",
        """
        SELECT s.agent_type, s.state, CASE WHEN s.state = 'parked' THEN s.wait_reason END AS wait_reason,
               CASE WHEN s.state = 'running' AND \(StepSQL.isUncalled) THEN s.limit_wait END::text AS limit_wait,
               count(*) AS steps,
               min(s.not_before) FILTER (WHERE s.state = 'parked') AS until,
               min(s.step_id) AS example
        FROM tasks t JOIN steps s ON s.task_id = t.task_id
        WHERE t.batch_id = $1 AND t.workflow_state NOT IN ('pending', 'completed', 'failed', 'cancelled')
            AND s.state IN ('ready', 'dispatched', 'running', 'parked')
        GROUP BY 1, 2, 3, 4
        """)
}
