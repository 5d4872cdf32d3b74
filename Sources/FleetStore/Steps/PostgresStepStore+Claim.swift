import FleetCore
import PostgresClient

/// Taking steps, with what their prompts need, and giving them back.
extension PostgresStepStore {
    enum ClaimStatements {
        /// Fenced by the time of the claim: this one may be carried out late, when the worker has properly claimed such a
        /// step again.
        static let giveBack = PostgresStatement(
            "give_back",
            """
            WITH held AS MATERIALIZED (
                SELECT step_id, task_id FROM steps
                WHERE step_id = ANY($1) AND worker_id = $2 AND state = 'running' AND started_at <= $3
                ORDER BY step_id FOR NO KEY UPDATE)
            UPDATE steps s SET worker_id = NULL,
                state = CASE WHEN \(StepSQL.isCancelled) THEN 'cancelled' ELSE 'ready' END,
                finished_at = CASE WHEN \(StepSQL.isCancelled) THEN now() END
            FROM held h LEFT JOIN tasks t ON t.task_id = h.task_id
            WHERE s.step_id = h.step_id AND s.worker_id = $2 AND s.state = 'running'
            """)

        /// A lease for every step that may run now: dispatched or ready, or running at a worker whose broker
        /// connection is gone (the ticket came back) and whose heartbeat has stopped. The attempt number rises with
        /// every claim and fences whatever the last holder may still write. A subtask whose execution is claimed is in
        /// progress from that moment; rows that point at another step by now are left alone. Steps are locked before
        /// subtasks, as a cancellation does it.
        static let claim = TableStatement<ClaimRequest>(
            "claim", [.int8("step_id", \.stepID), .bool("redelivered", \.isRedelivered)]
        ) { v in
            let (worker, deadAfter) = (v.parameter(), v.parameter(2))
            return """
                WITH requests AS (SELECT * FROM \(v)),
                claimable AS (
                    SELECT s.step_id, s.state = 'running' AND NOT \(StepSQL.isUncalled) AS may_have_called
                    FROM steps s JOIN requests r USING (step_id) JOIN tasks t ON t.task_id = s.task_id
                    WHERE t.cancel_epoch <= s.cancel_epoch AND (
                        s.state IN ('dispatched', 'ready')
                        OR (s.state = 'running' AND r.redelivered AND s.worker_id <> \(worker) AND s.crashes + 1 < \(SweepPolicy.maximumCrashes)
                            AND NOT EXISTS (
                                SELECT 1 FROM workers w WHERE w.worker_id = s.worker_id AND w.state IN ('active', 'draining')
                                    AND w.heartbeat_at > now() - make_interval(secs => \(deadAfter)))))
                    ORDER BY s.step_id FOR UPDATE OF s),
                claimed AS (
                    UPDATE steps s SET state = 'running', attempt = s.attempt + 1, worker_id = \(worker), started_at = now(),
                        crashes = s.crashes + (s.state = 'running')::int,
                        lost_attempt = CASE WHEN s.state = 'running' THEN s.attempt END
                    FROM claimable c WHERE s.step_id = c.step_id
                    RETURNING s.step_id, s.attempt, s.kind, s.agent_type, s.task_id, s.subtask_id, s.failures, s.throttles,
                              s.wait_reason, s.lost_attempt, c.may_have_called,
                              extract(epoch FROM now() - greatest(s.created_at, s.not_before))::float8 AS waited),
                started AS (
                    UPDATE subtasks u SET status = 'in_progress', started_at = coalesce(u.started_at, now()), updated_at = now()
                    FROM claimed c
                    WHERE u.subtask_id = c.subtask_id AND u.current_step_id = c.step_id AND c.kind = 'subtask_execution'
                        AND u.status IN ('assigned', 'needs_revision')),
                \(LedgerSQL.lost("claimed WHERE may_have_called", attempt: "lost_attempt"))
                SELECT c.step_id, c.attempt, c.kind, c.agent_type, c.task_id, c.subtask_id, c.failures, c.throttles,
                       c.wait_reason, c.waited, c.lost_attempt IS NOT NULL AS is_taken_over, i.input
                FROM claimed c LEFT JOIN step_inputs i USING (step_id)
                """
        }

        /// Claimed steps that nobody can run, however often they are claimed.
        static let recordUnreadable = TableStatement<ClaimReader.UnreadableStep>(
            "claim_bury",
            [.int8("step_id", \.stepID), .int4("attempt", \.attempt), .text("problem", \.problem.storable)]
        ) { v in
            """
            WITH buried AS (
                UPDATE steps s SET state = 'dead', error = 'its row cannot be read: ' || v.problem, worker_id = NULL,
                    finished_at = now()
                FROM \(v)
                WHERE s.step_id = v.step_id AND s.attempt = v.attempt AND s.state = 'running'
                RETURNING s.step_id, s.task_id, s.subtask_id, s.kind, s.agent_type, s.attempt, s.error),
            letters AS (
                \(DeadLetterSQL.insert(from: "buried d", reason: "'unreadable'")))
            INSERT INTO task_wakeups (task_id) SELECT DISTINCT task_id FROM buried
            """
        }

        static let holders = PostgresStatement(
            "claim_holders",
            """
            SELECT s.step_id, w.heartbeat_at FROM steps s JOIN workers w ON w.worker_id = s.worker_id
            WHERE s.step_id = ANY($1) AND s.state = 'running'
            """)

        static let tasks = PostgresStatement(
            "material_tasks",
            """
            SELECT t.task_id, t.title, t.description, t.context::text
            FROM unnest($1::text[]) AS k (task_id) JOIN tasks t ON t.task_id = k.task_id
            """)

        /// The plans around some steps. Instructions come only with the subtasks that a step is about, and with all of a
        /// task whose plan is to be looked at as a whole: they are long and stored out of line.
        static let subtasks = PostgresStatement(
            "material_subtasks",
            """
            SELECT s.task_id, s.subtask_id, s.plan_key, s.assigned_agent_id, s.title,
                   CASE WHEN s.subtask_id = ANY($2) OR s.task_id = ANY($3) THEN s.description ELSE '' END AS description,
                   CASE WHEN s.subtask_id = ANY($2) OR s.task_id = ANY($3) THEN s.deliverable ELSE '' END AS deliverable,
                   s.requirements::text, s.priority, s.is_complex, s.status, s.best_score
            FROM unnest($1::text[]) AS k (task_id) JOIN tasks t ON t.task_id = k.task_id
            JOIN subtasks s ON s.task_id = t.task_id AND s.plan_number = t.plan_number
            ORDER BY s.task_id, s.ordinal
            """)

        /// An aggregation and an answer are their content; what else there is of them says the same.
        static let solutions = PostgresStatement(
            "material_solutions",
            """
            SELECT s.step_id, s.subtask_id, s.content, s.version, s.agent_id,
                   CASE WHEN s.solution_type = 'subtask' THEN s.metadata::text END AS metadata
            FROM unnest($1::int8[]) AS k (step_id) JOIN solutions s ON s.step_id = k.step_id
            """)

        /// What the owners of some tasks asked for before what they ask for now.
        static let earlierRevisions = PostgresStatement(
            "material_revisions",
            """
            SELECT r.task_id, r.revision_request, r.scope, r.status
            FROM unnest($1::text[]) AS k (task_id) JOIN tasks t ON t.task_id = k.task_id
            JOIN revisions r ON r.task_id = t.task_id
            WHERE r.revision_id IS DISTINCT FROM t.active_revision_id AND r.completed_at IS NOT NULL
            ORDER BY r.task_id, r.created_at
            """)

        static let results = PostgresStatement(
            "material_results",
            """
            SELECT r.step_id, r.output
            FROM unnest($1::int8[]) AS k (step_id) JOIN step_results r ON r.step_id = k.step_id
            """)
    }
}
