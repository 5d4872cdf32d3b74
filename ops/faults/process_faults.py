"""Processes that are killed or stand still: ours and the servers."""

from __future__ import annotations

import random
import signal
from collections.abc import Sequence

from .fault import Fault, World, family, signal_all

#: Processes that a fault names by their role: which one is drawn.
WORKER = "worker"
RESOURCES = {"postgres": "database", "rabbitmq": "broker"}


class ProcessFault(Fault):
    """A fault of one process."""

    role = ""
    process = ""

    def choose(self, rng: random.Random, workers: list[str]) -> None:
        self.process = rng.choice(workers) if self.role == WORKER else self.role

    @property
    def resources(self) -> set[str]:
        # Of several workers only one is bad at a time: a fleet without workers shows nothing.
        return {WORKER} if self.role == WORKER else {RESOURCES.get(self.process, self.process)}

    def describe(self) -> str:
        return self.process


class Kill(ProcessFault):
    """kill -9; the supervisor starts it again."""

    def inject(self, world: World) -> None:
        world.stack.signal(self.process, signal.SIGKILL)


class Restart(ProcessFault):
    """An orderly stop that nobody asked the fleet about."""

    def inject(self, world: World) -> None:
        world.stack.signal(self.process, signal.SIGINT)


class Freeze(ProcessFault):
    """SIGSTOP, later SIGCONT: a process that is there and does nothing. PostgreSQL's children with it."""

    _pids: Sequence[int] = ()

    def describe(self) -> str:
        return f"{self.process} for {self.seconds} s"

    def inject(self, world: World) -> None:
        self._pids = family(world.stack.pid(self.process))
        signal_all(self._pids, signal.SIGSTOP)

    def heal(self, _world: World) -> None:
        signal_all(self._pids, signal.SIGCONT)
