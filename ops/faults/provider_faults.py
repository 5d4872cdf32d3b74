"""Providers that refuse, fail, go away, or answer badly; and Redis, which forgets."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .fault import Fault, World, until_done
from .stack import StackError


class ProviderFault(Fault):
    """The twin misbehaves at some rate."""

    hold = (5.0, 15.0)
    kinds: tuple[str, ...] = ()
    rates = (0.2, 0.8)
    settings: Mapping[str, int] = MappingProxyType({})
    rate = 0.0

    def choose(self, rng: random.Random, _workers: list[str]) -> None:
        self.rate = round(rng.uniform(*self.rates) / len(self.kinds), 2)

    @property
    def resources(self) -> set[str]:
        return {"twin"}

    def describe(self) -> str:
        return f"{' and '.join(self.kinds)} at {self.rate} for {self.seconds} s"

    def inject(self, world: World) -> None:
        changes: dict[str, Any] = {"faults": dict.fromkeys(self.kinds, self.rate), **self.settings}
        until_done(lambda: world.twin.control(changes), patience=5)

    def heal(self, world: World) -> None:
        until_done(lambda: world.twin.control({"faults": None}))


class LongCalls(Fault):
    """Answers take longer than a place in the limiter is leased for: leases have to be renewed, whatever else goes on.
    Calls pile up at the limits of calls in flight."""

    hold = (15.0, 40.0)
    latency = (6_000, 12_000)

    @property
    def resources(self) -> set[str]:
        return {"twin"}

    def describe(self) -> str:
        return f"for {self.seconds} s"

    def inject(self, world: World) -> None:
        until_done(lambda: world.twin.control({"latency_ms": self.latency}), patience=5)

    def heal(self, world: World) -> None:
        until_done(lambda: world.twin.control({"latency_ms": world.stack.latency}))


class ProviderGone(Fault):
    """The provider is away for a while: the twin is killed whenever it is there."""

    hold = (4.0, 10.0)

    @property
    def resources(self) -> set[str]:
        return {"twin"}

    def describe(self) -> str:
        return f"for {self.seconds} s"

    def inject(self, world: World) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._kill, args=(world,), daemon=True)
        self._thread.start()

    def _kill(self, world: World) -> None:
        killed = 0
        while True:
            try:
                pid = world.stack.pid("twin", patience=0.5)
                if pid != killed:
                    killed = world.stack.signal("twin", signal.SIGKILL)
            except (StackError, ProcessLookupError):
                # It is just being started again.
                pass
            if self._end.wait(0.1):
                return

    def heal(self, _world: World) -> None:
        self._end.set()
        self._thread.join(5)


class RedisFlush(Fault):
    """FLUSHALL: the rate limits' present state is gone."""

    @property
    def resources(self) -> set[str]:
        return {"redis"}

    def inject(self, world: World) -> None:
        until_done(lambda: world.redis.command("FLUSHALL"), patience=5)
