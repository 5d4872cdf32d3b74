"""Carries a schedule out: every fault comes and goes at its time, and how long the fleet took to go on is measured."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import psycopg2

from .fault import World
from .journal import Journal
from .schedule import Injection

RECOVERY_LIMIT = 60.0


@dataclass
class Outcome:
    """What became of one injection."""

    injection: Injection
    began: float = 0.0
    ended: float = 0.0
    #: Seconds from the end of the fault to the first step that was claimed after it.
    recovery: float | None = None
    skipped: str | None = None
    error: str | None = None


class Runner:
    """The faults of one run. Each has a thread, which sleeps most of the time."""

    def __init__(self, world: World, journal: Journal) -> None:
        self.outcomes: list[Outcome] = []
        self._world = world
        self._journal = journal
        self._stop = threading.Event()

    def run(self, schedule: list[Injection], minutes: float) -> None:
        """Returns when the last fault is healed and the time is up."""
        start = time.monotonic()
        threads: list[threading.Thread] = []
        try:
            for injection in schedule:
                time.sleep(max(0.0, start + injection.at - time.monotonic()))
                outcome = Outcome(injection)
                self.outcomes.append(outcome)
                threads.append(threading.Thread(target=self._carry_out, args=(outcome,), daemon=True))
                threads[-1].start()
            time.sleep(max(0.0, start + minutes * 60 - time.monotonic()))
        except BaseException:
            # Interrupted: what is broken now is healed at once.
            self._stop.set()
            raise
        finally:
            for thread in threads:
                thread.join()

    def _carry_out(self, outcome: Outcome) -> None:
        fault = outcome.injection.fault
        title = f"{fault.name} ({fault.describe()})" if fault.describe() else fault.name
        outcome.skipped = fault.unavailable(self._world)
        if outcome.skipped:
            self._journal.say(f"SKIPPED  {title}: {outcome.skipped}", fault=fault.name)
            return
        self._journal.say(f"inject   {title}", fault=fault.name, number=outcome.injection.number)
        outcome.began = time.time()
        try:
            fault.inject(self._world)
            self._stop.wait(fault.seconds)
        except Exception as error:
            outcome.error = f"inject: {error}"
        try:
            fault.heal(self._world)
        except Exception as error:
            outcome.error = outcome.error or f"heal: {error}"
        outcome.ended = time.time()
        if outcome.error:
            self._journal.say(f"ERROR    {title}: {outcome.error}", fault=fault.name)
            return
        if fault.seconds:
            self._journal.say(f"heal     {title}", fault=fault.name, number=outcome.injection.number)
        outcome.recovery = self._first_claim_after(outcome.ended)

    def _first_claim_after(self, moment: float) -> float | None:
        """A claim is the whole chain at work: rows, scheduler, broker, worker."""
        while time.time() < moment + RECOVERY_LIMIT and not self._stop.is_set():
            try:
                first = self._world.database.value(
                    "SELECT extract(epoch FROM min(started_at))::float8 FROM steps WHERE started_at > to_timestamp(%s)",
                    (moment,),
                )
            except psycopg2.Error:
                first = None
            if first is not None:
                return max(0.0, float(first) - moment)
            time.sleep(0.2)
        return None
