"""Use of a shared limit: none may be overshot in any sliding minute, and none wasted."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import fleet, processes
from ..context import Context
from ..processes import Process
from ..results import Value
from .ports import accepts

_MODEL = "gpt-6.1-sol"
_WINDOW = 60.0
_SECONDS = 185
# Two whole windows, after the first one.
_STEADY = (60.0, 180.0)


@dataclass(frozen=True)
class _Limit:
    name: str
    column: str
    amount: int
    # What a call counts for.
    weigh_tokens: bool


_LIMITS = (
    _Limit("rpm", "requests_per_minute", 600, weigh_tokens=False),
    _Limit("tpm", "tokens_per_minute", 1_000_000, weigh_tokens=True),
)


def limits(context: Context) -> list[Value]:
    """A limit of requests and one of tokens, shared by one, two and eight workers."""
    return [value for limit in _LIMITS for workers in (1, 2, 8) for value in _measure(context, limit, workers)]


def _measure(context: Context, limit: _Limit, workers: int) -> list[Value]:
    record = context.scratch / "twin-record.jsonl"
    record.unlink(missing_ok=True)
    port = fleet.free_port()
    with context.servers.space("limits") as space:
        environment = {
            "OPENAI_API_KEY": "bench", "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "ANTHROPIC_API_KEY": "bench",
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}"}
        started: list[Process] = [
            Process(
                "twin",
                [
                    context.programs.folder / "provider-twin",
                    "--port",
                    str(port),
                    "--latency-ms",
                    "100-300",
                    "--record",
                    record,
                ],
                {},
                context.scratch / "twin.log",
            )
        ]
        try:
            processes.wait_until(lambda: accepts(port), 20, "the start of the twin", started)
            with fleet.started(context.programs, space, workers=0) as running:
                with space.connection() as connection, connection.cursor() as cursor:
                    cursor.execute(
                        f"INSERT INTO provider_limits (provider, limit_class, {limit.column}) "
                        "VALUES ('openai', %s, %s)",
                        (_MODEL, limit.amount),
                    )
                for number in range(workers):
                    started.append(
                        Process(
                            f"worker-{number}", [context.programs.folder / "worker"],
                            fleet.environment(space) | environment | {"MIXMYAI_WORKER_NAME": f"limits-{number}"},
                            context.scratch / f"worker-{number}.log"))
                running.submit(3000).wait(120)
                _let_work(_SECONDS, started)
        finally:
            for process in reversed(started):
                process.stop(10)
    calls = _read(record, limit)
    busiest, used = _busiest(calls), _used(calls)
    name = f"limit_{limit.name}_{workers}_workers"
    return [
        Value("mixmyai", f"{name}_overshoot_percent", max(0.0, busiest / limit.amount - 1) * 100),
        Value("mixmyai", f"{name}_used_percent", used / (limit.amount * (_STEADY[1] - _STEADY[0]) / _WINDOW) * 100),
    ]


def _let_work(seconds: float, started: list[Process]) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for process in started:
            process.check()
        time.sleep(0.5)


def _read(record: Path, limit: _Limit) -> list[tuple[float, int]]:
    """When each call of the model came, in seconds after the first one, and what it counted for."""
    calls: list[tuple[float, int]] = []
    for line in record.read_text().splitlines():
        entry = json.loads(line)
        if entry["model"] != _MODEL:
            continue
        weight = entry["input_tokens"] + entry["output_tokens"] if limit.weigh_tokens else 1
        calls.append((_seconds(entry["time"]), weight))
    calls.sort()
    return [(at - calls[0][0], weight) for at, weight in calls]


def _seconds(moment: str | float) -> float:
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else float(moment)


def _busiest(calls: list[tuple[float, int]]) -> int:
    """The most that any sliding minute holds."""
    inside: deque[tuple[float, int]] = deque()
    total = most = 0
    for at, weight in calls:
        inside.append((at, weight))
        total += weight
        while inside[0][0] <= at - _WINDOW:
            total -= inside.popleft()[1]
        most = max(most, total)
    return most


def _used(calls: list[tuple[float, int]]) -> int:
    return sum(weight for at, weight in calls if _STEADY[0] <= at < _STEADY[1])
