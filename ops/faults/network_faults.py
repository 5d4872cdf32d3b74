"""What happens on the way: links between our processes and a server that break, go silent, or become slow."""

from __future__ import annotations

import random
import time

from .fault import Fault, World
from .proxy import CLEAR, Condition, Link

#: Long enough for every process to have asked something.
ANSWERS_LOST = 0.4


class NetworkFault(Fault):
    """A fault of the links to one server: all of them, or those of one process."""

    target = ""
    process: str | None = None

    def choose(self, rng: random.Random, workers: list[str]) -> None:
        processes = [*workers] if self.target == "twin" else [*workers, "scheduler"]
        self.process = rng.choice(processes) if rng.random() < 0.5 else None

    @property
    def resources(self) -> set[str]:
        return {self.target}

    def describe(self) -> str:
        duration = f" for {self.seconds} s" if self.seconds else ""
        return f"{self.process or 'all'} <-> {self.target}{duration}"

    def links(self, world: World) -> list[Link]:
        """The links it concerns."""
        return [
            link for link in world.stack.proxies.links
            if link.target == self.target and self.process in (None, link.process)
        ]

    def heal(self, world: World) -> None:
        world.stack.proxies.change(self.links(world), CLEAR)


class Dropped(NetworkFault):
    """Every connection is reset, once; sometimes what was just asked is done, and only its answer is lost."""

    hold = (0.0, 0.0)
    loses_answers = False

    def choose(self, rng: random.Random, workers: list[str]) -> None:
        super().choose(rng, workers)
        self.loses_answers = rng.random() < 0.5

    def describe(self) -> str:
        return super().describe() + (", answers lost before" if self.loses_answers else "")

    def inject(self, world: World) -> None:
        if self.loses_answers:
            world.stack.proxies.change(self.links(world), Condition(loses_answers=True))
            time.sleep(ANSWERS_LOST)
        world.stack.proxies.cut(self.links(world))


class Away(NetworkFault):
    """Nobody reaches the server for 45 or 90 s, longer than a step's lease lasts: its connections are reset, new ones
    refused. Work goes on as if nothing had been, and nobody is taken for dead."""

    hold = (45.0, 90.0)
    #: Until as many calls run as before.
    rest = 25.0

    def choose(self, rng: random.Random, _workers: list[str]) -> None:
        self.process = None
        self.seconds = rng.choice(self.hold)

    def inject(self, world: World) -> None:
        world.stack.proxies.change(self.links(world), Condition(is_refusing=True))
        world.stack.proxies.cut(self.links(world))


class HalfOpen(NetworkFault):
    """A black hole: connections stay open and carry nothing, or only what our processes say; new ones are taken and are
    no better. When the hole is gone the old ones stay dead, as far as our processes can see."""

    hold = (3.0, 15.0)
    loses_answers = False

    def choose(self, rng: random.Random, workers: list[str]) -> None:
        super().choose(rng, workers)
        self.loses_answers = rng.random() < 0.5

    def describe(self) -> str:
        return super().describe() + (", answers lost" if self.loses_answers else "")

    def inject(self, world: World) -> None:
        condition = Condition(is_silent=not self.loses_answers, loses_answers=self.loses_answers)
        world.stack.proxies.change(self.links(world), condition)


class Slow(NetworkFault):
    """Every byte is late, and only so many come through."""

    hold = (6.0, 20.0)
    delay = 0.0
    rate = 0.0

    def choose(self, rng: random.Random, workers: list[str]) -> None:
        super().choose(rng, workers)
        self.delay = round(rng.uniform(0.05, 0.4), 2)
        self.rate = round(rng.uniform(100_000, 1_000_000), -4)

    def describe(self) -> str:
        return f"{super().describe()}, {self.delay} s late, {self.rate / 1000:.0f} kB/s"

    def inject(self, world: World) -> None:
        world.stack.proxies.change(self.links(world), Condition(delay=self.delay, bytes_per_second=self.rate))
