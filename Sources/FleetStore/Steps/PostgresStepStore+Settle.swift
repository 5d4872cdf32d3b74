import FleetCore
import PostgresClient

/// What became of attempts.
extension PostgresStepStore {
    enum SettleStatements {
        /// One statement, one transaction: state, answer, ledger, dead letters and wake-ups of a whole batch. Ledger
        /// rows go in even if the attempt is stale: the call was made. Writing the same batch twice changes nothing.
        /// Nobody else changes a live worker's running steps, but a claim for a ticket that came twice may lock them to
        /// find that out: they are locked in order of id, as claims do it.
        static let settle = PostgresStatement(
            "settle",
            """
            WITH v AS (
                SELECT * FROM \(SettlementWriter.outcomeTable)),
            held AS (
                -- By key: the index on the worker's running steps would be read as a whole.
                SELECT s.step_id, s.task_id FROM v JOIN steps s USING (step_id)
                WHERE s.attempt = v.attempt AND s.state || '' = 'running' AND s.worker_id + 0 = \(SettlementWriter.worker)
                ORDER BY s.step_id FOR UPDATE OF s),
            settled AS (
                UPDATE steps s SET
                    state = CASE WHEN \(StepSQL.isCancelled) THEN 'cancelled' ELSE v.state END,
                    -- SMALLINT columns; a step may wait for capacity as often as it takes.
                    failures = least(s.failures::int4 + v.failures, 32767),
                    throttles = least(s.throttles::int4 + v.throttles, 32767),
                    wait_reason = v.wait_reason, error = v.error, worker_id = NULL,
                    not_before = clock_timestamp() + make_interval(secs => v.delay),
                    finished_at = CASE WHEN v.state NOT IN ('parked', 'ready') OR \(StepSQL.isCancelled) THEN now() END
                FROM held h JOIN v USING (step_id) LEFT JOIN tasks t ON t.task_id = h.task_id
                WHERE s.step_id = h.step_id
                RETURNING s.step_id, s.task_id, s.subtask_id, s.kind, s.agent_type, s.state, s.attempt, s.error),
            answers AS (
                INSERT INTO solutions (solution_id, task_id, subtask_id, agent_id, solution_type, content, metadata, version,
                                       step_id)
                SELECT 'sol_' || d.step_id, d.task_id, d.subtask_id, d.agent_type, v.solution_type, v.content, v.metadata,
                       v.version, d.step_id
                FROM settled d JOIN v USING (step_id) WHERE d.state = 'succeeded' AND v.solution_type IS NOT NULL),
            results AS (
                INSERT INTO step_results (step_id, output)
                SELECT d.step_id, v.output FROM settled d JOIN v USING (step_id)
                WHERE d.state = 'succeeded' AND v.output IS NOT NULL
                ON CONFLICT (step_id) DO UPDATE SET output = excluded.output),
            ledger AS (
                INSERT INTO ai_api_usage (step_id, attempt, call_number, task_id, agent_id, kind, provider, model, outcome,
                                          http_status, provider_request_id, duration_ms, purpose, prompt_version, cuts,
                                          cost_basis, prompt_tokens, completion_tokens, total_tokens,
                                          estimated_input_tokens, estimated_output_tokens, cache_read_tokens,
                                          cache_write_tokens, reasoning_tokens, cost_usd, estimate_usd, hold_usd,
                                          service_tier, price_id, price_rates)
                SELECT v.step_id, v.attempt, v.call_number, v.task_id, v.agent_id, v.kind, v.provider, v.model, v.outcome,
                       v.http_status, v.provider_request_id, v.duration_ms, v.purpose, v.prompt_version, v.cuts,
                       v.cost_basis, v.prompt_tokens, v.completion_tokens, v.prompt_tokens + v.completion_tokens,
                       v.estimated_input_tokens, v.estimated_output_tokens, v.cache_read_tokens,
                       v.cache_write_tokens, v.reasoning_tokens, v.cost::numeric / 1000000,
                       v.estimate::numeric / 1000000, v.hold::numeric / 1000000,
                       v.service_tier, v.price_id, v.price_rates
                FROM \(SettlementWriter.callTable)
                ON CONFLICT (step_id, attempt, call_number) DO NOTHING),
            failures AS (
                INSERT INTO step_failures (step_id, attempt, worker, error)
                SELECT d.step_id, d.attempt, (SELECT name FROM workers WHERE worker_id = \(SettlementWriter.worker)), d.error
                FROM settled d JOIN v USING (step_id)
                WHERE d.error IS NOT NULL AND (d.state IN ('dead', 'failed') OR d.state = 'parked' AND v.failures > 0)
                ON CONFLICT (step_id, attempt) DO NOTHING),
            letters AS (
                \(DeadLetterSQL.insert(
                    from: "(SELECT * FROM settled WHERE state IN ('dead', 'failed')) d",
                    reason: "CASE d.state WHEN 'dead' THEN 'retries_exhausted' ELSE 'failed' END",
                    lastCall: SettlementWriter.lastCall))),
            wake AS (
                INSERT INTO task_wakeups (task_id)
                SELECT DISTINCT task_id FROM settled WHERE state NOT IN ('parked', 'ready'))
            SELECT step_id FROM settled
            """)

        /// A takeover has written that calls of the attempt may be lost; now all of them are booked, and it counts no
        /// more.
        static let resolveLost = TableStatement<Settlement>(
            "settle_resolve_lost", [.int8("step_id", \.stepID), .int4("attempt", \.attempt)]
        ) { v in
            """
            UPDATE ai_api_usage u SET outcome = 'resolved', cost_basis = 'none', cost_usd = 0, estimate_usd = NULL,
                hold_usd = NULL
            FROM \(v)
            WHERE u.step_id = v.step_id AND u.attempt = v.attempt AND u.call_number = 0 AND u.outcome = 'lost'
            """
        }
    }
}
