"""Checks of the rows and queues alone: tasks, subtasks, steps, events, solutions."""

from __future__ import annotations

from collections.abc import Callable

from .evidence import Evidence
from .violation import Violation, found

TERMINAL = "('completed', 'partial_completion', 'failed', 'cancelled')"

#: Invariant, what is wrong with the rows that the query finds, query of ids.
QUERIES: list[tuple[str, str, str]] = [
    ("I1", "task is not finished", f"SELECT task_id || ' ' || status FROM tasks WHERE status NOT IN {TERMINAL}"),
    (
        "I1", "task's status and workflow state disagree",
        f"""
        SELECT task_id || ' ' || status || '/' || workflow_state FROM tasks
        WHERE (status IN ('completed', 'partial_completion')) <> (workflow_state = 'completed')
            OR (status = 'failed') <> (workflow_state = 'failed')
            OR (status IN {TERMINAL}) <> (completed_at IS NOT NULL)
        """,
    ),
    (
        # Nobody revises or retries here, so a task enters a final state once and never leaves it.
        "I1", "finished task without exactly one transition to a final state",
        f"""
        SELECT t.task_id || ' has ' || count(e.seq) FROM tasks t
        LEFT JOIN events e ON e.task_id = t.task_id AND e.type = 'stage_transition'
            AND e.payload::text ~ '"to_stage": ?"(completed|failed|cancelled)"'
        WHERE t.status IN {TERMINAL} GROUP BY t.task_id HAVING count(e.seq) <> 1
        """,
    ),
    (
        "I1", "completed task without exactly one final answer",
        """
        SELECT t.task_id || ' has ' || count(s.solution_id) FROM tasks t
        LEFT JOIN solutions s ON s.task_id = t.task_id AND s.solution_type = 'final'
        WHERE t.workflow_state = 'completed' GROUP BY t.task_id HAVING count(s.solution_id) <> 1
        """,
    ),
    (
        "I3", "step with more than one solution",
        "SELECT step_id FROM solutions WHERE step_id IS NOT NULL GROUP BY step_id HAVING count(*) > 1",
    ),
    (
        "I3", "solution of a step that did not succeed",
        "SELECT s.step_id FROM solutions s JOIN steps t USING (step_id) WHERE t.state <> 'succeeded'",
    ),
    (
        "I3", "step that succeeded without a solution or result",
        """
        SELECT t.step_id FROM steps t WHERE t.state = 'succeeded'
            AND NOT EXISTS (SELECT 1 FROM solutions s WHERE s.step_id = t.step_id)
            AND NOT EXISTS (SELECT 1 FROM step_results r WHERE r.step_id = t.step_id)
        """,
    ),
    (
        "I3", "completed task with an unfinished subtask of its plan",
        """
        SELECT s.subtask_id FROM subtasks s JOIN tasks t USING (task_id, plan_number)
        WHERE t.workflow_state = 'completed' AND s.status NOT IN ('completed', 'failed')
        """,
    ),
    (
        "I1", "unfinished subtask of a cancelled task",
        """
        SELECT s.subtask_id FROM subtasks s JOIN tasks t USING (task_id)
        WHERE t.workflow_state = 'cancelled' AND s.status NOT IN ('completed', 'failed', 'cancelled')
        """,
    ),
    (
        "I3", "task that claims to be complete with a subtask that failed",
        """
        SELECT s.subtask_id FROM subtasks s JOIN tasks t USING (task_id, plan_number)
        WHERE t.status = 'completed' AND (s.status = 'failed' OR s.acceptance_status IS DISTINCT FROM 'accepted')
        """,
    ),
    (
        # completed_at is the acceptance; a step's created_at may be the same moment: one transaction does both.
        "I4", "execution began before a dependency was accepted",
        """
        SELECT DISTINCT e.step_id || ' of ' || s.subtask_id || ' before ' || d.subtask_id
        FROM subtasks s
        JOIN subtasks d ON d.task_id = s.task_id AND d.plan_number = s.plan_number AND d.plan_key = ANY (s.depends_on)
        JOIN steps e ON e.subtask_id = s.subtask_id AND e.kind = 'subtask_execution'
        WHERE d.acceptance_status IS DISTINCT FROM 'accepted' OR d.completed_at IS NULL
            OR e.created_at < d.completed_at OR e.started_at < d.completed_at
        """,
    ),
    (
        "I8", "step is left over",
        """
        SELECT step_id || ' ' || kind || ' ' || state || ' attempt ' || attempt || ' worker ' || coalesce(worker_id, 0)
        FROM steps WHERE state IN ('ready', 'dispatched', 'running', 'parked')
        """,
    ),
    ("I8", "wake-up is left over", "SELECT DISTINCT task_id FROM task_wakeups"),
    (
        "I9", "event stream has gaps",
        """
        SELECT t.task_id || ' ' || count(e.seq) || ' events, ' || coalesce(min(e.seq), 0) || ' to '
            || coalesce(max(e.seq), 0) || ', counter ' || t.event_seq
        FROM tasks t LEFT JOIN events e USING (task_id) GROUP BY t.task_id
        HAVING count(e.seq) <> t.event_seq OR min(e.seq) <> 1 OR max(e.seq) <> t.event_seq
        """,
    ),
    (
        "I10", "step that succeeded without a succeeded call of its last attempt",
        """
        SELECT t.step_id FROM steps t WHERE t.state = 'succeeded' AND NOT EXISTS (
            SELECT 1 FROM ai_api_usage u
            WHERE u.step_id = t.step_id AND u.attempt = t.attempt AND u.outcome = 'succeeded')
        """,
    ),
    (
        "I12", "ledger row of a step that is not there",
        "SELECT DISTINCT u.step_id FROM ai_api_usage u LEFT JOIN steps s USING (step_id) WHERE s.step_id IS NULL",
    ),
    (
        "I12", "ledger row whose basis, tokens and money do not fit together",
        """
        SELECT step_id || ' ' || attempt || ' ' || call_number || ' ' || cost_basis FROM ai_api_usage
        WHERE CASE cost_basis
            WHEN 'reported' THEN prompt_tokens IS NULL OR completion_tokens IS NULL OR price_id IS NULL
                OR estimate_usd IS NOT NULL OR hold_usd IS NOT NULL
            WHEN 'estimated' THEN total_tokens IS NOT NULL OR estimated_input_tokens IS NULL
                OR estimated_output_tokens IS NULL OR estimate_usd IS NULL
                OR hold_usd IS NULL OR hold_usd < estimate_usd
            WHEN 'ambiguous' THEN outcome <> 'lost' OR total_tokens IS NOT NULL OR hold_usd IS NULL
            ELSE cost_usd <> 0 OR estimate_usd IS NOT NULL OR hold_usd IS NOT NULL END
        """,
    ),
    (
        "I12", "live worker that thinks it has work",
        """
        SELECT name || ' ' || running FROM workers WHERE state IN ('active', 'draining') AND running <> 0
            AND heartbeat_at > now() - interval '5 seconds'
        """,
    ),
]


def check_rows(evidence: Evidence) -> list[Violation]:
    """All that one query each can say."""
    return [
        violation for invariant, text, query in QUERIES
        for violation in found(invariant, text, (row[0] for row in evidence.database.rows(query, patience=10)))
    ]


def check_submissions(evidence: Evidence) -> list[Violation]:
    """I2. Rows without an acknowledgement must come from submissions whose answer was lost: an inequality, because
    whether such a submission was committed is exactly what nobody can know."""
    stored = {row[0] for row in evidence.database.rows("SELECT task_id FROM tasks", patience=10)}
    unknown = stored - evidence.acknowledged
    surplus = sorted(unknown) if len(unknown) > evidence.ambiguous else []
    return [
        *found("I2", "acknowledged task without a row", sorted(evidence.acknowledged - stored)),
        *found("I2", f"more unacknowledged tasks than the {evidence.ambiguous} ambiguous submissions", surplus),
    ]


def check_queues(evidence: Evidence) -> list[Violation]:
    """I8, I12. Dead letters may stay; nobody reads them here."""
    left = [
        f"{queue['name']} {queue.get('messages', 0)}" for queue in evidence.queues
        if queue.get("messages", 0) and not queue["name"].endswith(".dead")
    ]
    return found("I8", "queue is not empty", left)


ROW_CHECKS: list[Callable[[Evidence], list[Violation]]] = [check_rows, check_submissions, check_queues]
