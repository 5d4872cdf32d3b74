package import FleetCore
import JSON
import PostgresClient
import Synchronization
import UTC

/// The sweeper: compares the work that is owed with the work that somebody holds.
extension PostgresWorkflowStore {
    /// One transaction under an advisory lock. Looks at the next thousand unfinished tasks only, and also sets ticket
    /// windows, counts the open steps for all schedulers, and sets what is shown of each agent type: its status, and once a
    /// minute what it has completed.
    package func sweep(_ policy: SweepPolicy) async throws(StoreFailure) -> SweepReport? {
        try await pool.committed { session in
            guard try session.execute(SweepStatements.lock).only() else { return nil }
            var report = SweepReport()
            let lease = PostgresValue.float8(policy.lease.inSeconds)
            let results = try session.pipeline([
                (SweepStatements.markLostWorkers, [lease]),
                (SweepStatements.takeOver, [.int4(Int32(policy.maximumCrashes))]),
                SweepStatements.reissue(
                    policy.queueDepths.sorted { $0.key < $1.key }, .float8(policy.ticketGrace.inSeconds)),
                (SweepStatements.wakeIdleTasks, [.text(self.idleCursor.withLock { $0 })]),
                (SweepStatements.wakeForWishes, []),
                (SweepStatements.failRetiredTypes, []),
                (SweepStatements.setWindows, []),
                (SweepStatements.summarizeAgents, []),
                (SweepStatements.foldTallies, []),
                (SweepStatements.forgetIdleFlows, []),
                (SweepStatements.forgetWorkers, []),
                (SweepStatements.forgetResets, []),
                (SweepStatements.forgetLoads, []),
                (SweepStatements.countLoads, [.text(StepKind.taskAnalysis.role.rawValue)]),
                (PostgresQueueControl.Statements.release, [.int4(PostgresQueueControl.portion)]),
            ])
            for state: String in try results[1].column() {
                if state == "dead" { report.dead += 1 } else { report.takenOver += 1 }
            }
            report.reissued = results[2].affectedRows
            let (looked, last, woken): (Int, String?, Int) = try results[3].one { row in
                (try row("looked"), try row("last"), try row("woken"))
            }
            // The last slice: the next sweep begins anew.
            self.idleCursor.withLock { $0 = looked < 1000 ? "" : last ?? "" }
            report.wokenUp = woken + results[4].affectedRows
            report.withoutType = try results[5].only()
            return report
        }
    }

    /// Keeps a body that is not JSON, or that `jsonb` cannot hold, as a JSON string. Writes a row each time, also for
    /// the same ticket.
    package func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) async throws(StoreFailure) {
        let type = Self.agentType(ofQueue: ticket.queue)
        let stepID = Ticket.stepID(in: ticket.body)
        try await pool.session { session in
            _ = try session.execute(
                SweepStatements.recordDeadTicket,
                [
                    stepID.map { .int8($0) } ?? .null, .text(type), .text(reason), .jsonb(Self.payload(ticket.body)),
                    ticket.deaths.isEmpty ? .null : .jsonb(Self.json(ticket.deaths)),
                ])
        }
    }

    private static func json(_ deaths: [TicketDeath]) -> String {
        let entries = deaths.map { death -> JSONValue in
            [
                "queue": .string(death.queue.storable), "reason": .string(death.reason.storable),
                "count": .integer(death.count),
                "time": death.at.map { .string(Timestamp.iso8601(microseconds: $0)) } ?? .null,
            ]
        }
        return JSONValue.array(entries).serialized()
    }

    private static func payload(_ body: [UInt8]) -> String {
        if let json = try? JSONValue(parsing: body), json.unstorable == nil { return json.serialized() }
        return JSONValue.string(String(decoding: body, as: UTF8.self).storable).serialized()
    }

    /// `agent.<type>` and `agent.<type>.dead` are queues of the type; any other queue stands for itself.
    private static func agentType(ofQueue queue: String) -> String {
        guard queue.hasPrefix("agent.") else { return queue.cut(to: 50) }
        let name = queue.dropFirst("agent.".count)
        return String(name.hasSuffix(".dead") ? name.dropLast(".dead".count) : name).cut(to: 50)
    }

    enum SweepStatements {
        /// Key of the advisory lock, held for the transaction: one sweep at a time in the whole fleet.
        static let lock = PostgresStatement(
            "sweep_lock", "SELECT pg_try_advisory_xact_lock(\(Migrator.lockKey + 1))")

        static let markLostWorkers = PostgresStatement(
            "sweep_lost_workers",
            """
            UPDATE workers SET state = 'lost'
            WHERE state IN ('active', 'draining') AND heartbeat_at < now() - make_interval(secs => $1)
            """)

        /// Running steps whose worker is gone. Unless they are known to have waited before their first call, a call of
        /// theirs may have been sent and may have been paid: the ledger says so with a row whose outcome is `lost`.
        static let takeOver = PostgresStatement(
            "sweep_take_over",
            """
            WITH orphans AS (
                SELECT s.step_id, s.task_id FROM workers w JOIN steps s ON s.worker_id = w.worker_id
                WHERE w.state IN ('lost', 'retired') AND s.state = 'running'
                ORDER BY s.step_id FOR UPDATE OF s SKIP LOCKED),
            taken AS (
                UPDATE steps s SET crashes = s.crashes + 1, lost_attempt = s.attempt, worker_id = NULL,
                    state = CASE WHEN \(StepSQL.isCancelled) THEN 'cancelled'
                                 WHEN s.crashes + 1 >= $1 THEN 'dead' ELSE 'ready' END,
                    error = CASE WHEN NOT \(StepSQL.isCancelled) AND s.crashes + 1 >= $1
                                 THEN 'its workers died ' || (s.crashes + 1) || ' times' END,
                    finished_at = CASE WHEN \(StepSQL.isCancelled) OR s.crashes + 1 >= $1 THEN now() END
                FROM orphans o LEFT JOIN tasks t ON t.task_id = o.task_id WHERE s.step_id = o.step_id
                RETURNING s.step_id, s.task_id, s.subtask_id, s.kind, s.agent_type, s.attempt, s.state, s.error,
                          \(StepSQL.isUncalled) AS is_uncalled),
            \(LedgerSQL.lost("taken WHERE NOT is_uncalled", attempt: "attempt")),
            letters AS (
                \(DeadLetterSQL.insert(from: "(SELECT * FROM taken WHERE state = 'dead') d", reason: "'crash_loop'"))),
            wake AS (
                INSERT INTO task_wakeups (task_id) SELECT DISTINCT task_id FROM taken WHERE state <> 'ready')
            SELECT state FROM taken
            """)

        /// Tickets that are neither claimed nor in their queue. An empty queue proves it; otherwise only tickets much
        /// older than the grace are doubted, ever later ones after each reissue, so tickets cannot pile up (I8).
        static let reissue = TableStatement<(key: String, value: Int)>(
            "sweep_reissue", [.text("agent_type", \.key), .int8("depth", \.value)]
        ) { v in
            """
            WITH lost AS MATERIALIZED (
                SELECT s.step_id, s.task_id FROM \(v)
                JOIN steps s ON s.state = 'dispatched' AND s.agent_type = v.agent_type
                    AND s.dispatched_at < now() - make_interval(
                        secs => \(v.parameter()) * power(2, least(s.reissues, 6)) * CASE WHEN v.depth = 0 THEN 1 ELSE 30 END)
                ORDER BY s.step_id FOR NO KEY UPDATE OF s SKIP LOCKED)
            UPDATE steps s SET reissues = least(s.reissues + 1, 10),
                -- A cancellation that crossed the step's last change has left it open; nobody claims it any more.
                state = CASE WHEN \(StepSQL.isCancelled) THEN 'cancelled' ELSE 'ready' END,
                finished_at = CASE WHEN \(StepSQL.isCancelled) THEN now() END
            FROM lost l LEFT JOIN tasks t ON t.task_id = l.task_id
            WHERE s.step_id = l.step_id
            """
        }

        /// Unfinished tasks that wait for no open step: their wake-up was lost, or never written. Young ones are left
        /// to the normal way, new ones to their admission. Each sweep looks at the next thousand after `$1` only, so that a large backlog costs no
        /// more than a small one; returns how many it looked at, the last of them, and how many it woke.
        static let wakeIdleTasks = PostgresStatement(
            "sweep_wake_idle",
            """
            WITH looked AS MATERIALIZED (
                SELECT t.task_id, t.updated_at FROM tasks t
                WHERE t.is_open AND t.task_id > $1
                ORDER BY t.task_id LIMIT 1000),
            woken AS (
                INSERT INTO task_wakeups (task_id)
                SELECT l.task_id FROM looked l
                WHERE l.updated_at < now() - interval '10 seconds'
                    AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.task_id = l.task_id
                                    AND s.state IN ('ready', 'dispatched', 'running', 'parked'))
                    AND NOT EXISTS (SELECT 1 FROM task_wakeups w WHERE w.task_id = l.task_id)
                RETURNING task_id)
            SELECT (SELECT count(*) FROM looked) AS looked, (SELECT max(task_id) FROM looked) AS last,
                   (SELECT count(*) FROM woken) AS woken
            """)

        /// Finished tasks whose owner asked for a revision or a retry: the same for them.
        static let wakeForWishes = PostgresStatement(
            "sweep_wake_for_wishes",
            """
            INSERT INTO task_wakeups (task_id)
            SELECT t.task_id FROM tasks t
            WHERE t.has_wish AND t.workflow_state IN ('completed', 'failed')
                AND t.active_revision_id IS NULL AND t.updated_at < now() - interval '10 seconds'
                AND NOT EXISTS (SELECT 1 FROM task_wakeups w WHERE w.task_id = t.task_id)
            ORDER BY t.task_id LIMIT 1000
            """)

        /// A queue's window: the slots of the live workers that serve it, so that tickets wait in PostgreSQL, where
        /// priority and fairness are decided, rather than at the broker.
        static let setWindows = PostgresStatement(
            "sweep_set_windows",
            """
            UPDATE agent_queues a SET ticket_window = v.slots
            FROM (SELECT q.agent_type, greatest(16, coalesce(sum(w.slots), 0))::int4 AS slots
                  FROM agent_queues q LEFT JOIN workers w ON w.state = 'active' AND q.agent_type = ANY(w.agent_types)
                  GROUP BY q.agent_type) v
            WHERE a.agent_type = v.agent_type AND a.ticket_window <> v.slots
            """)

        static let summarizeAgents = PostgresStatement(
            "sweep_summarize_agents",
            """
            UPDATE agents a SET status = v.status, current_task_id = v.task_id, updated_at = now()
            FROM (SELECT g.agent_id, CASE WHEN r.task_id IS NULL THEN 'idle' ELSE 'busy' END AS status, r.task_id
                  FROM agents g LEFT JOIN LATERAL (
                      SELECT s.task_id FROM steps s JOIN tasks t USING (task_id)
                      WHERE s.state = 'running' AND s.agent_type = g.agent_type LIMIT 1) r ON TRUE) v
            WHERE a.agent_id = v.agent_id AND a.status IN ('idle', 'busy')
                AND (a.status, a.current_task_id) IS DISTINCT FROM (v.status, v.task_id)
            """)

        /// What agents have completed since the last time, as soon as the oldest of it is a minute old: no more often.
        static let foldTallies = PostgresStatement(
            "sweep_fold_tallies",
            """
            WITH taken AS (
                DELETE FROM agent_tallies
                WHERE (SELECT counted_at FROM agent_tallies ORDER BY tally_id LIMIT 1) < now() - interval '1 minute'
                RETURNING agent_type, completed, ratings, rating_total),
            sums AS (
                SELECT agent_type, sum(completed) AS completed, sum(ratings) AS ratings, sum(rating_total) AS rating_total
                FROM taken GROUP BY agent_type)
            UPDATE agents a SET total_tasks_completed = a.total_tasks_completed + s.completed,
                ratings = a.ratings + s.ratings, rating_total = a.rating_total + s.rating_total, updated_at = now(),
                average_rating = CASE WHEN a.ratings + s.ratings > 0 THEN
                    round(((a.rating_total + s.rating_total) / (a.ratings + s.ratings))::numeric, 2) END
            FROM sums s WHERE a.agent_type = s.agent_type
            """)

        /// A flow whose last tag is behind the clock starts level with the clock: its row says nothing any more.
        static let forgetIdleFlows = PostgresStatement(
            "sweep_forget_idle_flows",
            """
            WITH idle AS MATERIALIZED (
                SELECT f.priority, f.flow FROM fair_flows f JOIN fair_clocks c ON c.priority = f.priority
                WHERE f.last_tag < c.virtual_time - 100000
                ORDER BY f.priority, f.flow FOR UPDATE OF f SKIP LOCKED)
            DELETE FROM fair_flows f USING idle i WHERE f.priority = i.priority AND f.flow = i.flow
            """)

        /// Open steps of types that left the catalogue a minute ago: nobody serves their queues. The workflow gives their
        /// work to somebody else, or says what is missing. A minute, so that a catalogue that was cut short by mistake can
        /// be mended.
        static let failRetiredTypes = PostgresStatement(
            "sweep_fail_retired",
            """
            WITH types AS MATERIALIZED (
                SELECT agent_type FROM agent_queues WHERE retired_at < now() - interval '1 minute'),
            stranded AS MATERIALIZED (
                SELECT s.step_id, s.task_id FROM types q CROSS JOIN LATERAL (
                    SELECT step_id, task_id FROM steps
                    WHERE agent_type = q.agent_type AND state IN ('ready', 'dispatched', 'parked')
                    LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED) s),
            failed AS (
                UPDATE steps s SET finished_at = now(), wait_reason = NULL, not_before = NULL,
                    state = CASE WHEN \(StepSQL.isCancelled) THEN 'cancelled' ELSE 'failed' END,
                    error = CASE WHEN NOT \(StepSQL.isCancelled)
                        THEN 'unknown_agent_type: ' || s.agent_type || ' has left the catalogue' END
                FROM stranded o LEFT JOIN tasks t ON t.task_id = o.task_id WHERE s.step_id = o.step_id
                RETURNING s.step_id, s.task_id, s.subtask_id, s.kind, s.agent_type, s.state, s.attempt, s.error),
            letters AS (
                \(DeadLetterSQL.insert(from: "(SELECT * FROM failed WHERE state = 'failed') d", reason: "'unknown_agent_type'"))),
            wake AS (INSERT INTO task_wakeups (task_id) SELECT DISTINCT task_id FROM failed)
            SELECT count(*) FROM failed
            """)

        /// Rows of processes that ended a day ago; one that still holds a step is needed to find it.
        static let forgetWorkers = PostgresStatement(
            "sweep_forget_workers",
            """
            DELETE FROM workers w
            WHERE w.state IN ('retired', 'lost') AND w.heartbeat_at < now() - interval '1 day'
                AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.worker_id = w.worker_id AND s.state = 'running')
            """)

        /// Every worker that lives has read them long ago.
        static let forgetResets = PostgresStatement(
            "sweep_forget_resets", "DELETE FROM circuit_resets WHERE requested_at < now() - interval '1 hour'")

        /// Counts that are older than some seconds go, all at once: they were made in one transaction.
        static let forgetLoads = PostgresStatement(
            "sweep_forget_loads", "DELETE FROM queue_loads WHERE counted_at < now() - interval '5 seconds'")

        /// Only if ``forgetLoads`` has left none: counting a large backlog costs. A task that nobody has taken up yet counts
        /// as what it begins with, a ready step of the role `$1`.
        static let countLoads = PostgresStatement(
            "sweep_count_loads",
            """
            INSERT INTO queue_loads (agent_type, state, steps)
            SELECT l.agent_type, l.state, sum(l.steps) FROM (
                SELECT agent_type, 'ready' AS state, count(*) AS steps FROM steps WHERE state = 'ready' GROUP BY agent_type
                UNION ALL
                SELECT (SELECT min(agent_type) FROM agents WHERE role = $1 AND is_active), 'ready',
                       (SELECT count(*) FROM tasks WHERE is_new AND NOT is_held)
                UNION ALL
                SELECT agent_type, 'dispatched', count(*) FROM steps WHERE state = 'dispatched' GROUP BY agent_type
                UNION ALL SELECT agent_type, 'running', count(*) FROM steps WHERE state = 'running' GROUP BY agent_type
                UNION ALL SELECT agent_type, 'parked', count(*) FROM steps WHERE state = 'parked' GROUP BY agent_type) l
            WHERE l.agent_type IS NOT NULL AND l.steps > 0 AND NOT EXISTS (SELECT 1 FROM queue_loads)
            GROUP BY l.agent_type, l.state
            """)

        static let recordDeadTicket = PostgresStatement(
            "record_dead_ticket",
            """
            INSERT INTO dead_letters (step_id, task_id, subtask_id, kind, agent_type, reason, error_code, attempt, payload,
                                      deaths)
            SELECT v.step_id, s.task_id, s.subtask_id, s.kind, v.agent_type, v.reason, v.reason, s.attempt, v.payload, v.deaths
            FROM (SELECT $1::int8 AS step_id, $2::text AS agent_type, $3::text AS reason, $4::jsonb AS payload,
                         $5::jsonb AS deaths) v
            LEFT JOIN steps s ON s.step_id = v.step_id
            """)
    }
}
