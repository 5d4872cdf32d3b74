"""How long work lies around: submission to first call, end of a parent to start of its child."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from .. import fleet, processes
from ..context import Context
from ..fleet import Fleet, Progress
from ..results import Value
from ..servers import Space

_WARM_UP_TASKS = 20
# A stream of tasks, one at a time.
_IDLE_RATE = 5.0


def idle(context: Context) -> list[Value]:
    """One task after another, each alone in the fleet."""
    return _measure(context, "idle", lambda _running, _progress: (_IDLE_RATE, context.size(40, 200)))


def half_load(context: Context) -> list[Value]:
    """An even stream of tasks at half the rate at which the same fleet has just worked off such tasks."""

    def choose(running: Fleet, progress: Progress) -> tuple[float, int]:
        rate = _saturated(running, progress, context.size(150, 600)) / 2
        return rate, round(rate * context.size(8, 30))

    return _measure(context, "half_load", choose)


def _saturated(running: Fleet, progress: Progress, tasks: int) -> float:
    """Tasks per second when all are there at once."""
    before = progress.completed()
    start = time.monotonic()
    running.submit(tasks).wait(60)
    processes.wait_until(lambda: progress.completed() >= before + tasks, 120, "the tasks", running.processes)
    return tasks / (time.monotonic() - start)


def _measure(
    context: Context, load: str, choose: Callable[[Fleet, Progress], tuple[float, int]]
) -> list[Value]:
    calls, submissions = context.scratch / "calls.csv", context.scratch / "submissions.csv"
    with context.servers.space("latency") as space:
        with (
            fleet.started(context.programs, space, plan="chain", call_log=calls) as running,
            running.progress() as progress,
        ):
            # Prepared statements, connections and pages are warm before it counts.
            running.submit(_WARM_UP_TASKS).wait(60)
            processes.wait_until(
                lambda: progress.completed() >= _WARM_UP_TASKS, 60, "the warm-up", running.processes)
            rate, tasks = choose(running, progress)
            before = progress.completed()
            running.submit(tasks, rate=rate, log=submissions).wait(tasks / rate + 60)
            processes.wait_until(
                lambda: progress.completed() >= before + tasks, 120, "the tasks", running.processes, pause=0.2)
        first, release, stages = _gaps(space, calls, submissions)
    values = [
        Value("mixmyai", f"{name}_{load}_{percentile}_ms", _percentile(gaps, share))
        for name, gaps in (("first_call", first), ("child_release", release))
        for percentile, share in (("p50", 0.5), ("p99", 0.99))
    ]
    return values + [
        Value("mixmyai", f"child_release_{load}_{stage}_p50_ms", _percentile(gaps, 0.5))
        for stage, gaps in stages.items()
    ]


# Where a release stands: each stage lasts from the one before it to the start of its own transaction, the last one
# to the call.
_STAGES = ("until_settle", "until_advance", "until_dispatch", "until_claim", "until_call")

_MOMENTS = """
    SELECT step_id, task_id, """ + ", ".join(
    f"(extract(epoch FROM {column}) * 1000000)::int8"
    for column in ("finished_at", "created_at", "dispatched_at", "started_at")) + " FROM steps"


def _gaps(
    space: Space, calls: Path, submissions: Path
) -> tuple[list[float], list[float], dict[str, list[float]]]:
    """Milliseconds to the first call, between calls, and between the stages from one to the next; a chain's calls
    follow one another."""
    with space.connection() as connection, connection.cursor() as cursor:
        cursor.execute(_MOMENTS)
        moments = {row[0]: row[1:] for row in cursor.fetchall()}
    chains: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    with calls.open() as file:
        for line in csv.reader(file):
            step, start, end = (int(field) for field in line)
            chains[moments[step][0]].append((start, end, step))
    first: list[float] = []
    release: list[float] = []
    stages: dict[str, list[float]] = {stage: [] for stage in _STAGES}
    with submissions.open() as file:
        for task, submitted in csv.reader(file):
            chain = sorted(chains[task])
            first.append((chain[0][0] - int(submitted)) / 1000)
            for (_, ended, parent), (begun, _, child) in pairwise(chain):
                release.append((begun - ended) / 1000)
                times = [ended, moments[parent][1], *moments[child][2:], begun]
                for stage, since, until in zip(_STAGES, times, times[1:], strict=False):
                    stages[stage].append((until - since) / 1000)
    return first, release, stages


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
