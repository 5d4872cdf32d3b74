"""A stack under load, from its start to its end, whatever happens in between."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

import psycopg2

from .evidence import Evidence, read_record
from .fault import World, until_done
from .journal import Journal
from .load import OPEN_STATES, Load
from .options import Options
from .runner import Outcome
from .servers import Broker, Database, Redis, Twin
from .stack import Stack, StackError
from .volume import SmallVolume

OPEN_TASKS = 90
#: Without any progress for this long, a fleet at peace is stuck.
PATIENCE = 150.0
LONGEST_SETTLING = 900.0
#: The twin writes its record every half second.
RECORD_DELAY = 1.5


class Session:
    """The stack, its load, and everything that looks at it; a context manager."""

    def __init__(self, options: Options, limits: list[list[str]], wants_small_volume: bool = False) -> None:
        self._options = options
        self._wants_small_volume = wants_small_volume
        self._limits = limits
        self.stack = Stack(options.programs, options.workers, options.seed, options.latency)
        self.journal = Journal(self.stack.folder / "chaos.jsonl")
        database = Database(self.stack)
        self.world = World(self.stack, database, Broker(self.stack), Redis(self.stack), Twin(self.stack))
        self.load = Load(self.stack, database, options.backlog, OPEN_TASKS)
        self.keep = options.keep

    def __enter__(self) -> Session:
        try:
            self._start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def _start(self) -> None:
        self.journal.say(f"starting a stack with {self._options.workers} workers in {self.stack.folder}")
        self.stack.start()
        if self._wants_small_volume:
            self.stack.stop()
            if not SmallVolume(self.stack).make():
                self.journal.say("no volume of its own for the database: mounting is not permitted here")
            self.stack.start()
        for limit in self._limits:
            self.stack.mixmyai("limit", "set", *limit)
        self.load.start()

    def settle(self) -> bool:
        """Hands in no more and waits until every task is finished; false if the fleet does not get on."""
        self.load.finish()
        start = last = time.monotonic()
        seen = -1
        while time.monotonic() < min(last + PATIENCE, start + LONGEST_SETTLING):
            try:
                left, done = self.world.database.rows(
                    f"SELECT (SELECT count(*) FROM tasks WHERE {OPEN_STATES}),"
                    " (SELECT count(*) FROM steps WHERE state IN ('succeeded', 'failed', 'dead'))"
                )[0]
            except psycopg2.Error:
                left, done = 1, seen
            if left == 0:
                return True
            if done != seen:
                seen, last = done, time.monotonic()
            time.sleep(0.5)
        return False

    def evidence(self, outcomes: list[Outcome]) -> Evidence:
        """Everything the checks need, once tickets and hints have drained away."""
        queues: list[dict[str, Any]] = []
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            until_done(lambda: queues.__setitem__(slice(None), self.world.broker.queues()))
            open_work = self.world.database.value(
                "SELECT (SELECT count(*) FROM task_wakeups) + "
                "(SELECT coalesce(sum(running), 0) FROM workers WHERE heartbeat_at > now() - interval '5 seconds')",
                patience=30,
            )
            if open_work == 0 and not any(queue.get("messages") for queue in queues if queue["name"][-5:] != ".dead"):
                break
            time.sleep(0.5)
        time.sleep(RECORD_DELAY)
        return Evidence(
            database=self.world.database, acknowledged=set(self.load.acknowledged), ambiguous=self.load.ambiguous,
            twin_calls=read_record(self.stack.record), sent=list(self.stack.proxies.requests), outcomes=outcomes,
            queues=queues, concurrency=self._options.concurrency,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stack.stop()
        except StackError as problem:
            self.journal.say(f"the stack did not stop cleanly: {problem}")
        finally:
            self.stack.proxies.close()
            SmallVolume(self.stack).unmount(keeps_data=self.keep)
            if self.keep:
                self.journal.say(f"kept: {self.stack.folder}")
            else:
                self.stack.remove()
