"""Whether anything grows with the number of steps that wait."""

from __future__ import annotations

import time
import urllib.request

from .. import fleet, processes
from ..context import Context
from ..fleet import Fleet
from ..results import Value
from ..servers import Space

# Tasks that have been analysed by nobody yet: their first step is ready, and has waited since they came.
_FILL = """
    WITH numbers AS (SELECT n FROM generate_series(%(first)s::int8, %(last)s::int8) AS n),
    tasks AS (
        INSERT INTO tasks (task_id, user_id, title, description, status, workflow_state, current_stage, current_step_id,
                           event_seq, fair_tag, progress)
        SELECT 'task_' || lpad(n::text, 26, '0'), 'backlog', 'A task of the backlog',
               repeat('Look at the figures. ', 20), 'in_progress', 'task_analysis', 'task_analysis', n, 1, n, 5
        FROM numbers),
    inputs AS (INSERT INTO step_inputs (step_id, input) SELECT n, '{}' FROM numbers)
    INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
    SELECT n, 'task_' || lpad(n::text, 26, '0'), 'task_analysis', 'manager', 'ready', 2, n FROM numbers
    """


def backlog(context: Context) -> list[Value]:
    """Works for a while beside ever more waiting steps."""
    sizes = [1_000, 10_000, 100_000] + ([] if context.quick else [1_000_000])
    seconds = context.size(5, 15)
    values: list[Value] = []
    filled = 0
    with context.servers.space("backlog") as space, fleet.started(context.programs, space, workers=0) as running:
        with space.connection() as connection, connection.cursor() as cursor:
            # Steps of the workflow get ids far behind these.
            cursor.execute("SELECT setval('step_ids', 100000000)")
        for size in sizes:
            _fill(space, filled + 1, filled + size)
            filled += size
            with running.working() as worker:
                values += _measure(context, space, running, worker.pid, size, seconds)
    return values


def _fill(space: Space, first: int, last: int) -> None:
    with space.connection() as connection, connection.cursor() as cursor:
        for start in range(first, last + 1, 50_000):
            cursor.execute(_FILL, {"first": start, "last": min(last, start + 49_999)})
        # As autovacuum does with rows that came one after another.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _measure(
    context: Context, space: Space, running: Fleet, worker: int, size: int, seconds: int
) -> list[Value]:
    done = "SELECT count(*) FROM ai_api_usage"
    with running.progress() as progress:
        base = progress.count(done)
        processes.wait_until(lambda: progress.count(done) >= base + 500, 120, "the first steps", running.processes, 0.1)
        before, dispatches = progress.count(done), _dispatches(running)
        start = time.monotonic()
        depth = 0
        while (left := start + seconds - time.monotonic()) > 0:
            time.sleep(min(1, left))
            depth = max(depth, sum(context.servers.queue_depths(space).values()))
        rate = (progress.count(done) - before) / (time.monotonic() - start)
    count, total = (after - then for after, then in zip(_dispatches(running), dispatches, strict=True))
    found = {
        "per_second": rate, "dispatch_ms": total / max(count, 1) * 1000,
        "scheduler_mb": processes.resident_bytes(running.scheduler.pid) / 1e6,
        "worker_mb": processes.resident_bytes(worker) / 1e6, "broker_messages": depth,
    }
    return [Value("mixmyai", f"backlog_{size}_{name}", value) for name, value in found.items()]


def _dispatches(running: Fleet) -> tuple[float, float]:
    """How many rounds of dispatch there were, and the seconds that they took."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.scheduler_port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("mixmyai_scheduler_dispatch_seconds_"))
    return (
        float(found.get("mixmyai_scheduler_dispatch_seconds_count", 0)),
        float(found.get("mixmyai_scheduler_dispatch_seconds_sum", 0)))
