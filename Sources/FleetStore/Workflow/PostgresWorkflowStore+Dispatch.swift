package import FleetCore
import PostgresClient

/// Dispatch: which ready steps get a ticket now.
extension PostgresWorkflowStore {
    /// Steps of one type that may wait for capacity outside the dispatch order.
    package static let parkedStepsPerType: Int32 = 64

    /// Skips paused queues and those that another scheduler is filling. Does not wait for the disk.
    package func dispatch(limitPerQueue: Int) async throws(StoreFailure) -> [Ticket] {
        try await pool.session { session in
            // A dispatch that a crash of the server undoes is done again: its commit need not wait for the disk.
            let results = try session.retryingConflicts { session in
                try session.pipeline([
                    (DispatchStatements.asynchronousCommit, []), Self.dispatchEntry(limitPerQueue: limitPerQueue),
                ])
            }
            return try Self.tickets(results[1])
        }
    }

    static func dispatchEntry(limitPerQueue: Int) -> (PostgresStatement, [PostgresValue]) {
        (DispatchStatements.dispatch, [.int4(Int32(limitPerQueue)), .int4(parkedStepsPerType)])
    }

    static func tickets(_ rows: PostgresRows) throws -> [Ticket] {
        try rows.map { try ticket(&$0) }
    }

    private static func ticket(_ row: inout PostgresRow) throws -> Ticket {
        Ticket(
            stepID: try row("step_id"), taskID: try row("task_id"), subtaskID: try row("subtask_id"),
            agentType: try row("agent_type"), attempt: try row("attempt"), priority: try row.priority("priority"))
    }

    /// Leaves steps alone that a worker has claimed meanwhile.
    package func undoDispatch(stepIDs: [Int]) async throws(StoreFailure) {
        guard !stepIDs.isEmpty else { return }
        try await pool.session { session in
            _ = try session.retryingConflicts { try $0.execute(DispatchStatements.undo, [.int8Array(stepIDs)]) }
        }
    }

    /// The longest due first; `nextDue` is zero if more than `limit` were due. Does not wait for the disk.
    package func releaseParked(limit: Int) async throws(StoreFailure) -> ParkedReport {
        try await pool.session { session in
            let results = try session.retryingConflicts { session in
                try session.pipeline([
                    (DispatchStatements.asynchronousCommit, []), (DispatchStatements.release, [.int4(Int32(limit))]),
                    (DispatchStatements.nextDue, []),
                ])
            }
            let released = results[1]
            let tickets = try released.map { row -> Ticket? in
                let ticket = try Self.ticket(&row)
                return try row("state") == "dispatched" ? ticket : nil
            }.compactMap(\.self)
            let due: Int? = try results[2].only()
            let microseconds = released.count == limit ? 0 : due
            return ParkedReport(
                released: released.count - tickets.count, tickets: tickets,
                nextDue: microseconds.map { .microseconds(max(0, $0)) })
        }
    }

    enum DispatchStatements {
        static let asynchronousCommit = PostgresStatement(
            "need_not_wait", "SELECT set_config('synchronous_commit', 'off', true)")

        /// Each queue's row is locked so that two schedulers do not fill one window twice; a queue that another
        /// scheduler is filling right now is skipped. While `$2` steps of a type wait for capacity, more of
        /// the same or a lower priority would only wait there as well, out of order: they stay ready; more urgent ones
        /// still go out. The fair clock of a priority moves to the newest tag that went
        /// out, so that a user who comes later starts level with the others.
        static let dispatch = PostgresStatement(
            "dispatch",
            """
            WITH queues AS (
                SELECT agent_type, ticket_window FROM agent_queues a
                WHERE NOT is_paused AND retired_at IS NULL
                    AND EXISTS (SELECT 1 FROM steps s WHERE s.state = 'ready' AND s.agent_type = a.agent_type)
                FOR UPDATE SKIP LOCKED),
            room AS (
                -- A priority's window is what it and more urgent ones have out: those do not wait for less urgent ones.
                SELECT q.agent_type, p.priority, least($1, q.ticket_window - b.busy[p.priority + 1]) AS room
                FROM queues q
                CROSS JOIN LATERAL (
                    SELECT ARRAY[count(*) FILTER (WHERE s.priority = 0), count(*) FILTER (WHERE s.priority <= 1),
                                 count(*) FILTER (WHERE s.priority <= 2), count(*)] AS busy
                    FROM steps s WHERE s.state = 'dispatched' AND s.agent_type = q.agent_type) b
                CROSS JOIN LATERAL (
                    SELECT min(priority) AS closed_from FROM (
                        SELECT s.priority FROM steps s
                        WHERE s.state = 'parked' AND s.agent_type = q.agent_type
                            AND s.wait_reason IN (\(Self.capacityReasons))
                        ORDER BY s.priority OFFSET $2 LIMIT 1) crowded) c
                CROSS JOIN generate_series(0, 3) AS p (priority)
                WHERE p.priority < coalesce(c.closed_from, 32767)),
            candidates AS MATERIALIZED (
                SELECT n.step_id, r.agent_type, r.priority, n.fair_tag, r.room FROM room r CROSS JOIN LATERAL (
                    SELECT s.step_id, s.fair_tag FROM steps s
                    WHERE s.state = 'ready' AND s.agent_type = r.agent_type AND s.priority = r.priority
                    ORDER BY s.fair_tag, s.step_id LIMIT greatest(r.room, 0) FOR UPDATE SKIP LOCKED) n),
            -- What a pause covers is set aside instead, so that it stands before nobody.
            held AS MATERIALIZED (
                SELECT s.step_id FROM candidates c JOIN steps s ON s.step_id = c.step_id
                JOIN tasks t ON t.task_id = s.task_id
                WHERE \(HoldSQL.exist) AND \(HoldSQL.coversTask)),
            set_aside AS (
                UPDATE steps s SET state = 'parked', wait_reason = 'paused', not_before = NULL FROM held h
                WHERE s.step_id = h.step_id),
            next AS (
                SELECT step_id FROM (
                    SELECT step_id, room,
                           row_number() OVER (PARTITION BY agent_type ORDER BY priority, fair_tag, step_id) AS place
                    FROM candidates WHERE step_id NOT IN (SELECT step_id FROM held)) placed
                WHERE place <= room),
            dispatched AS (
                UPDATE steps s SET state = 'dispatched', dispatched_at = now()
                FROM next WHERE s.step_id = next.step_id
                RETURNING s.step_id, s.task_id, s.subtask_id, s.agent_type, s.attempt, s.priority, s.fair_tag),
            newest AS (SELECT priority, max(fair_tag) AS tag FROM dispatched GROUP BY priority),
            -- In order: two dispatches of different queues move the same clocks.
            clocks AS MATERIALIZED (
                SELECT c.priority FROM fair_clocks c JOIN newest n ON n.priority = c.priority AND c.virtual_time < n.tag
                ORDER BY c.priority FOR NO KEY UPDATE OF c),
            clock AS (
                UPDATE fair_clocks c SET virtual_time = n.tag FROM clocks k JOIN newest n ON n.priority = k.priority
                WHERE c.priority = k.priority AND c.virtual_time < n.tag)
            SELECT step_id, task_id, subtask_id, agent_type, attempt, priority FROM dispatched
            ORDER BY priority, fair_tag, step_id
            """)

        static let undo = PostgresStatement(
            "undo_dispatch",
            """
            WITH refused AS MATERIALIZED (
                SELECT step_id FROM steps WHERE step_id = ANY($1) AND state = 'dispatched'
                ORDER BY step_id FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE steps s SET state = 'ready' FROM refused r WHERE s.step_id = r.step_id AND s.state = 'dispatched'
            """)

        /// A step whose turn in the rate limit has come does not queue again: it gets its ticket at once, unless it is paused:
        /// then its turn passes, and dispatch sets it aside. One whose task is gone has nothing left to wait for.
        static let release = PostgresStatement(
            "release_parked",
            """
            WITH due AS MATERIALIZED (
                SELECT step_id, task_id FROM steps WHERE state = 'parked' AND not_before <= now()
                ORDER BY not_before LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE steps s SET dispatched_at = now(),
                -- A cancellation that crossed the parking has left the step open.
                state = CASE WHEN \(StepSQL.isCancelled) THEN 'cancelled'
                             WHEN s.wait_reason = 'rate_limit_slot'
                                 AND NOT ((SELECT EXISTS (SELECT FROM holds)) AND \(HoldSQL.coversStep))
                             THEN 'dispatched' ELSE 'ready' END,
                finished_at = CASE WHEN \(StepSQL.isCancelled) THEN now() END
            FROM due d LEFT JOIN tasks t ON t.task_id = d.task_id
            WHERE s.step_id = d.step_id
            RETURNING s.step_id, s.task_id, s.subtask_id, s.agent_type, s.attempt, s.priority, s.state
            """)

        /// Of those that are not due yet: what is due and could not be taken, somebody else holds.
        static let nextDue = PostgresStatement(
            "next_due",
            """
            SELECT (extract(epoch FROM min(not_before) - clock_timestamp()) * 1000000)::int8
            FROM steps WHERE state = 'parked' AND not_before > now()
            """)

        /// Why steps wait without a fault of their own: more of the same kind would only wait there as well.
        static let capacityReasons = StepOutcome.WaitReason.allCases.filter(\.isForCapacity)
            .map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }
}
