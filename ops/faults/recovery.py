"""How long the fleet takes to go on after one fault alone, measured from the rows of a busy fleet.

- For a worker: each step it held, from the fault to the start of the step's next attempt.
- For a server: from the moment it accepts again to the first productive claim, and to the first second with as many
  productive claims as before (four fifths of them). Productive is a claim whose attempt got an answer: without Redis,
  for example, steps are claimed and put back.
- For calls in flight where they are limited: refill.py, with a stack of its own.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence

from .catalogue import CATALOGUE
from .fault import World, signal_all
from .journal import Journal
from .measurement import Measurement

QUIET = 10.0
BASELINE = 8.0
FULL_SHARE = 0.8
LONGEST_WAIT = 60.0
#: A claim is known to be productive when its call has ended.
CALLS_END = 4.0

#: What `--recovery` can measure, in this order.
RECOVERIES = {
    "worker-kill": "a killed worker's steps are claimed elsewhere",
    "broker-kill": "claims go on after kill -9 of rabbitmq",
    "broker-wipe": "claims go on after rabbitmq has lost its data",
    "database-kill": "claims go on after kill -9 of postgres",
    "redis-kill": "claims go on after kill -9 of redis",
    "redis-flush": "claims go on after FLUSHALL",
    "scheduler-kill": "claims go on after kill -9 of the scheduler",
    "worker-freeze": "a stopped worker's steps are claimed elsewhere",
    "worker-kill-calls": "one of two workers is killed, and as many calls are in flight again as the limit allows",
}

CLAIMS = """
    SELECT extract(epoch FROM s.started_at)::float8 FROM steps s
    WHERE s.started_at > to_timestamp(%s) AND s.started_at <= to_timestamp(%s) AND EXISTS (
        SELECT 1 FROM ai_api_usage u
        WHERE u.step_id = s.step_id AND u.attempt = s.attempt AND u.outcome NOT IN ('lost', 'resolved'))
    ORDER BY 1
"""


def full_rate_at(claims: list[float], since: float, wanted: float) -> float | None:
    """Seconds from `since` to the beginning of the first second with enough claims."""
    last = 0
    for first, moment in enumerate(claims):
        last = max(last, first)
        while last < len(claims) and claims[last] < moment + 1:
            last += 1
        if last - first >= wanted:
            return max(0.0, moment - since)
    return None


class Recovery:
    """Injects one fault after another, and writes down how long the fleet took."""

    def __init__(self, world: World, journal: Journal, rounds: int) -> None:
        self._world = world
        self._journal = journal
        self._rounds = rounds
        self._turn = 0
        self.measurements: list[Measurement] = []

    def run(self, names: Sequence[str]) -> None:
        """These measurements, each so many times."""
        for name in names:
            self._measure(name)

    def _measure(self, name: str) -> None:
        world = self._world
        match name:
            case "worker-kill":
                self._of_worker("worker killed: its steps claimed elsewhere", 2.0, signal.SIGKILL, self._rounds)
            case "broker-kill":
                self._of_server("broker killed", 5.0, self._kill("rabbitmq"), world.broker.accepts)
            case "broker-wipe":
                self._of_server("broker's data deleted", 5.0, lambda: wipe_broker(world), world.broker.accepts)
            case "database-kill":
                self._of_server("database killed", 2.0, self._kill("postgres"), world.database.accepts)
            case "redis-kill":
                self._of_server("redis killed", 1.0, self._kill("redis"), world.redis.accepts)
            case "redis-flush":
                self._of_server("redis flushed", 1.0, lambda: world.redis.command("FLUSHALL"), lambda: True)
            case "scheduler-kill":
                self._of_server("scheduler killed", 2.0, self._kill("scheduler"), lambda: True)
            case "worker-freeze":
                rounds = max(1, self._rounds // 2)
                self._of_worker("worker frozen: its steps claimed elsewhere", 30.0, signal.SIGSTOP, rounds)
            case _:
                raise ValueError(f"there is no measurement '{name}' of a busy fleet")

    def _kill(self, name: str) -> Callable[[], object]:
        return lambda: self._world.stack.signal(name, signal.SIGKILL)

    def _new(self, name: str, limit: float) -> Measurement:
        self.measurements.append(Measurement(name, limit))
        return self.measurements[-1]

    def _of_server(
        self, name: str, limit: float, inject: Callable[[], object], accepts: Callable[[], bool]
    ) -> None:
        first, full = self._new(f"{name}: first claim", limit), self._new(f"{name}: full rate", limit)
        for _ in range(self._rounds):
            time.sleep(QUIET)
            now = time.time()
            wanted = FULL_SHARE * len(self._claims(now - CALLS_END - BASELINE, now - CALLS_END)) / BASELINE
            inject()
            back = self._wait(accepts)
            time.sleep(max(limit, 3.0) * 2 + CALLS_END)
            claims = self._claims(back, time.time() - CALLS_END)
            self._note(first, claims[0] - back if claims else None)
            self._note(full, full_rate_at(claims, back, wanted))

    def _of_worker(self, name: str, limit: float, number: signal.Signals, rounds: int) -> None:
        measurement = self._new(name, limit)
        for _ in range(rounds):
            time.sleep(QUIET)
            workers = self._world.stack.workers
            self._turn += 1
            worker = workers[self._turn % len(workers)]
            rows = self._world.database.rows(
                "SELECT s.step_id, s.attempt FROM steps s JOIN workers w USING (worker_id) "
                "WHERE w.name = %s AND w.state = 'active' AND s.state = 'running'",
                (worker,),
            )
            held = {int(step): int(attempt) for step, attempt in rows}
            moment = time.time()
            pid = self._world.stack.signal(worker, number)
            times = self._next_attempts(held, moment)
            if number == signal.SIGSTOP:
                signal_all([pid], signal.SIGCONT)
            measurement.values += times.values()
            slowest = f", the last after {max(times.values()):.2f} s" if times else ""
            self._journal.say(f"{name}: {len(times)} of the {len(held)} steps it held{slowest}")

    def _next_attempts(self, held: dict[int, int], moment: float) -> dict[int, float]:
        """When the steps' next attempts began. A step that was settled just before the fault has none."""
        waiting, times = dict(held), {}
        while waiting and time.time() < moment + LONGEST_WAIT:
            rows = self._world.database.rows(
                "SELECT step_id, attempt, state, extract(epoch FROM started_at)::float8 FROM steps "
                "WHERE step_id = ANY(%s)",
                (list(waiting),),
            )
            for step, attempt, state, started in rows:
                if attempt > held[step]:
                    times[step] = started - moment
                if attempt > held[step] or state not in ("running", "ready", "dispatched"):
                    del waiting[step]
            time.sleep(0.02)
        return times | dict.fromkeys(waiting, LONGEST_WAIT)

    def _wait(self, accepts: Callable[[], bool]) -> float:
        deadline = time.time() + LONGEST_WAIT
        # A killed server's port may still answer for an instant.
        time.sleep(0.05)
        while not accepts() and time.time() < deadline:
            time.sleep(0.02)
        return time.time()

    def _claims(self, start: float, end: float) -> list[float]:
        return [row[0] for row in self._world.database.rows(CLAIMS, (start, end), patience=20)]

    def _note(self, measurement: Measurement, value: float | None) -> None:
        if value is None:
            measurement.missed += 1
        else:
            measurement.values.append(value)
        text = "not in time" if value is None else f"{value:.2f} s"
        self._journal.say(f"{measurement.name}: {text}")


def wipe_broker(world: World) -> None:
    """The same as the fault of that name."""
    fault = CATALOGUE["broker-wipe"](random.Random(0), world.stack.workers)
    fault.inject(world)
