"""What every fault has: a name, the resources it takes, and how it comes and goes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .servers import Broker, Database, Redis, Twin
from .stack import Stack

HEAL_PATIENCE = 60.0


@dataclass
class World:
    """What faults act on."""

    stack: Stack
    database: Database
    broker: Broker
    redis: Redis
    twin: Twin


class Fault(ABC):
    """One thing that goes wrong, for a while or at one moment.

    Everything random is drawn when the fault is made, from the schedule's generator: the same seed makes the same.
    """

    name = ""
    summary = ""
    #: Shortest and longest time between coming and going, in seconds.
    hold = (0.0, 0.0)
    #: How long its resources are left alone after it, in seconds.
    rest = 1.0
    #: Workers may be taken for dead: a call of theirs may be paid twice, and the ledger then has a row `lost`.
    may_lose_calls = False
    #: Requests granted by the limiter may reach the provider late.
    delays_calls = False

    def __init__(self, rng: random.Random, workers: list[str]) -> None:
        self.seconds = round(rng.uniform(*self.hold), 1)
        self.choose(rng, workers)

    def choose(self, _rng: random.Random, _workers: list[str]) -> None:
        """Draws what is particular to this kind of fault. Most have nothing of the kind."""
        return

    @property
    @abstractmethod
    def resources(self) -> set[str]:
        """What no other fault may take at the same time."""

    def describe(self) -> str:
        """The particulars, for the log."""
        return ""

    def unavailable(self, _world: World) -> str | None:
        """Why this fault cannot be injected on this machine, if so."""
        return None

    @abstractmethod
    def inject(self, world: World) -> None:
        """Makes it happen."""

    def heal(self, _world: World) -> None:
        """Takes it back. Faults that are over by themselves do nothing."""
        return


def until_done(action: Callable[[], object], patience: float = HEAL_PATIENCE) -> None:
    """Repeats an action that fails while a server is away; the last failure counts."""
    deadline = time.monotonic() + patience
    while True:
        try:
            action()
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def family(pid: int) -> list[int]:
    """A process and its children, the process first."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [pid] + [int(child) for child in children.read_text().split()]
    except OSError:
        return [pid]


def signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    """Signals those that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
