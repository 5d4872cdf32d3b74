"""Rows that are spoiled on purpose, one at a time and never committed, to see that each query of `row_checks` can fail.

Run on the rows of the run itself: a query that a change of the schema has made blind is noticed by the next chaos run.
"""

from __future__ import annotations

import psycopg2

from .row_checks import QUERIES
from .servers import Database

ONE_TASK = "task_id = (SELECT min(task_id) FROM tasks WHERE status = 'completed')"
ONE_SUBTASK = """subtask_id = (
    SELECT min(s.subtask_id) FROM subtasks s JOIN tasks t USING (task_id, plan_number) WHERE t.status = 'completed')"""
ONE_STEP = "step_id = (SELECT min(step_id) FROM step_results JOIN steps USING (step_id) WHERE state = 'succeeded')"
ONE_SOLUTION = "step_id = (SELECT min(step_id) FROM solutions)"

#: What a query of `row_checks` finds, and what has to be done to the rows of a good run for that.
DAMAGES: dict[str, str] = {
    "task is not finished": f"UPDATE tasks SET status = 'in_progress' WHERE {ONE_TASK}",
    "task's status and workflow state disagree": f"UPDATE tasks SET workflow_state = 'synthesis' WHERE {ONE_TASK}",
    "finished task without exactly one transition to a final state": f"""
        INSERT INTO event_log (task_id, first_seq, events, body)
        SELECT task_id, seq + 1000, 1, jsonb_build_array(payload)::text FROM events
        WHERE {ONE_TASK} AND type = 'stage_transition' AND payload::text ~ '"to_stage": ?"completed"'
    """,
    "completed task without exactly one final answer": f"""
        DELETE FROM solutions WHERE {ONE_TASK} AND solution_type = 'final'
    """,
    "step with more than one solution": """
        UPDATE solutions SET step_id = (SELECT min(step_id) FROM solutions)
        WHERE solution_id = (
            SELECT max(solution_id) FROM solutions WHERE step_id <> (SELECT min(step_id) FROM solutions))
    """,
    "solution of a step that did not succeed": f"UPDATE steps SET state = 'failed' WHERE {ONE_SOLUTION}",
    "step that succeeded without a solution or result": f"DELETE FROM step_results WHERE {ONE_STEP}",
    "completed task with an unfinished subtask of its plan": f"""
        UPDATE subtasks SET status = 'in_progress' WHERE {ONE_SUBTASK}
    """,
    "unfinished subtask of a cancelled task": f"""
        WITH cancelled AS (
            UPDATE tasks SET workflow_state = 'cancelled', status = 'cancelled' WHERE {ONE_TASK} RETURNING task_id)
        UPDATE subtasks SET status = 'pending' WHERE task_id IN (SELECT task_id FROM cancelled)
    """,
    "task that claims to be complete with a subtask that failed": f"""
        UPDATE subtasks SET acceptance_status = 'rejected' WHERE {ONE_SUBTASK}
    """,
    "execution began before a dependency was accepted": """
        UPDATE subtasks SET completed_at = completed_at + interval '1 hour'
        WHERE (task_id, plan_number, plan_key) = (
            SELECT task_id, plan_number, depends_on[1] FROM subtasks WHERE cardinality(depends_on) > 0
            ORDER BY subtask_id LIMIT 1)
    """,
    "step is left over": f"UPDATE steps SET state = 'ready' WHERE {ONE_STEP}",
    "wake-up is left over": f"INSERT INTO task_wakeups (task_id) SELECT task_id FROM tasks WHERE {ONE_TASK}",
    "event stream has gaps": f"DELETE FROM event_log WHERE {ONE_TASK} AND first_seq > 1 AND first_seq < 10",
    "step that succeeded without a succeeded call of its last attempt": f"""
        UPDATE ai_api_usage SET outcome = 'timed_out' WHERE {ONE_STEP}
    """,
    "ledger row of a step that is not there": f"UPDATE ai_api_usage SET step_id = -1 WHERE {ONE_STEP}",
    "ledger row whose basis, tokens and money do not fit together": f"""
        UPDATE ai_api_usage SET estimate_usd = 1 WHERE cost_basis = 'reported' AND {ONE_STEP}
    """,
    "live worker that thinks it has work": """
        UPDATE workers SET state = 'active', running = 1, heartbeat_at = now()
        WHERE worker_id = (SELECT max(worker_id) FROM workers)
    """,
}


def unnoticed(database: Database) -> list[str]:
    """What was done to the rows without its query finding more than before; empty if all queries see."""
    blind = [f"{text}: nothing spoils rows for this query" for _, text, _ in QUERIES if text not in DAMAGES]
    connection = database.connect()
    try:
        connection.autocommit = False
        for _, text, query in QUERIES:
            with connection.cursor() as cursor:
                cursor.execute(query)
                before = set(cursor.fetchall())
                # Foreign keys would forbid some of it.
                cursor.execute("SET LOCAL session_replication_role = replica")
                try:
                    cursor.execute(DAMAGES.get(text, "SELECT FROM tasks LIMIT 0"))
                    was_spoiled = cursor.rowcount > 0
                    cursor.execute(query)
                    if was_spoiled and not set(cursor.fetchall()) - before:
                        blind.append(f"{text}: not found")
                except psycopg2.IntegrityError:
                    # The database itself does not let it happen.
                    pass
                except psycopg2.Error as error:
                    blind.append(f"{text}: {error}")
            connection.rollback()
    finally:
        connection.close()
    return blind
