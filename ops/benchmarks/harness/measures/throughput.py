"""Steps per second at saturation, and what a step costs there."""

from __future__ import annotations

import time
from collections.abc import Callable

from .. import fleet, processes, sampling
from ..context import Context
from ..fleet import Fleet
from ..peers import runner
from ..results import Value
from ..sampling import Sampler
from ..servers import Space

_WARM_UP_TASKS = 30
STEPS_PER_TASK = 18
# Backends report their counters once they have rested.
_REST = 1.5
# So does the broker, less often.
_BROKER_COUNTS = 6.0

_PAYLOAD = """
    SELECT sum(bytes)::float8 FROM (
        SELECT sum(octet_length(content) + octet_length(metadata::text)) AS bytes FROM solutions
        UNION ALL SELECT sum(octet_length(output::text)) FROM step_results
        UNION ALL SELECT sum(octet_length(input::text)) FROM step_inputs
        UNION ALL SELECT sum(octet_length(body)) FROM event_log
        UNION ALL SELECT sum(octet_length(title) + octet_length(description)) FROM subtasks
        UNION ALL SELECT sum(octet_length(title) + octet_length(description)) FROM tasks) parts
    """


def fleet_no_op(context: Context) -> list[Value]:
    """This fleet with a call that takes no time."""
    tasks = context.size(300, 1500)
    with context.servers.space("fleet") as space, fleet.started(context.programs, space) as running:
        rate, before, after, polls = _work_off(context, space, running, tasks)
        time.sleep(_BROKER_COUNTS)
        messages = context.servers.published(space)
        return [
            Value("mixmyai", "durable_steps_per_second", rate),
            *_costs(space, tasks, before, after, polls, messages),
        ]


def fleet_10ms(context: Context) -> list[Value]:
    """This fleet with a call of 10 ms."""
    tasks = context.size(200, 800)
    with context.servers.space("fleet") as space, fleet.started(context.programs, space, call_ms=10) as running:
        rate, *_ = _work_off(context, space, running, tasks)
        return [Value("mixmyai", "durable_steps_per_second_10ms", rate)]


def peer(name: str, quick: int, full: int, call_ms: int) -> Callable[[Context], list[Value]]:
    """A peer with the same work."""
    ending = f"_{call_ms}ms" if call_ms else ""

    def measure(context: Context) -> list[Value]:
        with context.servers.space(name) as space:
            rate = runner.tasks_per_second(name, space, context.scratch, context.size(quick, full), call_ms)
        return [Value(name, f"durable_steps_per_second{ending}", rate)]

    return measure


def _work_off(
    context: Context, space: Space, running: Fleet, tasks: int
) -> tuple[float, sampling.Sample, sampling.Sample, int]:
    running.submit(_WARM_UP_TASKS).wait(60)
    with running.progress() as progress:
        processes.wait_until(lambda: progress.completed() >= _WARM_UP_TASKS, 60, "the warm-up", running.processes)
        time.sleep(_REST)
        sampler = Sampler(context.servers, space, {process.name: process.pid for process in running.processes})
        before, polls = sampler.sample(), progress.polls
        start = time.monotonic()
        submission = running.submit(tasks)
        try:
            processes.wait_until(
                lambda: progress.completed() >= _WARM_UP_TASKS + tasks, 600, "the tasks", running.processes, 0.05)
            seconds = time.monotonic() - start
        finally:
            submission.stop()
        polls = progress.polls - polls
    time.sleep(_REST)
    return tasks * STEPS_PER_TASK / seconds, before, sampler.sample(), polls


def _costs(
    space: Space, tasks: int, before: sampling.Sample, after: sampling.Sample, polls: int, messages: int
) -> list[Value]:
    steps = tasks * STEPS_PER_TASK
    # The warm-up's included.
    all_steps = steps + _WARM_UP_TASKS * STEPS_PER_TASK
    with space.connection() as connection, connection.cursor() as cursor:
        cursor.execute(_PAYLOAD)
        payload = float(cursor.fetchone()[0]) / all_steps
    wal = (after.wal_bytes - before.wal_bytes) / steps
    cpu = {name: (after.cpu[name] - used) / steps * 1e6 for name, used in before.cpu.items()}
    values = {
        "commits_per_step": (after.commits - before.commits - polls) / steps,
        "round_trips_per_step": sampling.segments_between(before, after) / steps,
        "wal_bytes_per_step": wal,
        "payload_bytes_per_step": payload,
        "wal_bytes_beyond_payload_per_step": wal - payload,
        "broker_messages_per_step": messages / all_steps,
        "cpu_us_per_step": sum(cpu.values()),
    } | {f"cpu_us_per_step_{name.split('-')[0]}": used for name, used in cpu.items()}
    return [Value("mixmyai", measure, value) for measure, value in values.items()]
