"""When which fault comes: a pure function of the seed, the time, the faults and the workers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .fault import Fault

WARM_UP = 8.0
#: Shortest and longest time between the beginnings of two faults.
GAP = (2.0, 8.0)
#: Faults at the same time, at most; of different resources.
AT_ONCE = 2


@dataclass(frozen=True)
class Injection:
    """One fault at its time, in seconds from the beginning."""

    number: int
    at: float
    fault: Fault

    @property
    def until(self) -> float:
        return self.at + self.fault.seconds


def make_schedule(seed: int, minutes: float, kinds: Sequence[type[Fault]], workers: list[str]) -> list[Injection]:
    """Rounds of all faults in random order, as many as fit in the time. A fault that would have to wait for another one
    lets the others of its round go first."""
    rng = random.Random(seed)
    end = minutes * 60
    schedule: list[Injection] = []
    now = WARM_UP
    while kinds:
        waiting = [kind(rng, workers) for kind in rng.sample(list(kinds), len(kinds))]
        began = len(schedule)
        while waiting:
            fault = min(waiting, key=lambda fault: _possible_from(schedule, fault, now))
            waiting.remove(fault)
            at = round(_possible_from(schedule, fault, now), 1)
            if at + fault.seconds <= end:
                schedule.append(Injection(len(schedule) + 1, at, fault))
                now = at + rng.uniform(*GAP)
        if len(schedule) == began:
            break
    return sorted(schedule, key=lambda injection: injection.at)


def _possible_from(schedule: list[Injection], fault: Fault, at: float) -> float:
    """The first moment from `at` on when nobody has the fault's resources and few enough faults are going on."""
    at = max([at] + [other.until + other.fault.rest for other in schedule if other.fault.resources & fault.resources])
    ends = sorted(other.until for other in schedule if other.until > at)
    return ends[-AT_ONCE] if len(ends) >= AT_ONCE else at
