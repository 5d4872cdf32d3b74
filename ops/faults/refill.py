"""How soon the places of a killed worker's calls are taken again where the calls in flight are limited.

Two workers, calls of about 20 s, and more steps at hand than places. When a worker is killed its calls end at the twin
at once, its leases in the limiter run out, and other calls take their places. This is read afterwards from the twin's
record, which is complete because the twin lives, model by model: of the models that were at their limit and lost calls
the slowest one counts. No model may be above its limit at any time.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .evidence import TwinCall, read_record
from .fault import World
from .flights import by_model, changes, in_flight, most_at_once
from .journal import Journal
from .measurement import Measurement

WORKERS = 2
LATENCY = (15_000, 25_000)
#: Answers come quickly at first: tasks are soon at all stages, and several models are asked.
WARM_UP = 20.0
BAR = 10.0
#: A model was at its limit if it was so this long before: places are empty for an instant when a call has ended.
LATELY = 2.0
#: Until the killed worker has its share of the calls again.
PAUSE = 35.0
#: All places of a model have been taken for so long when the first worker is killed.
STEADY = 10.0
LONGEST_WAIT = 120.0
#: The last calls end, and the twin writes its record.
RECORD_COMPLETE = LATENCY[1] / 1000 + 2


@dataclass(frozen=True)
class Refill:
    """What a kill did to one model's calls in flight."""

    model: str
    before: int
    lost: int
    #: Seconds from the kill until as many calls were in flight as the limit allows; none: not within the round.
    seconds: float | None


def refill(
    model: str, calls: Sequence[TwinCall], victims: set[str], killed: float, concurrency: int, until: float
) -> Refill | None:
    """Nothing if the model was not at its limit, or if the worker had none of its calls.

    - Parameter victims: keys of all calls that the killed worker has sent.
    """
    flying = list(changes(calls))
    lately = [number for moment, number in flying if killed - LATELY <= moment <= killed]
    before = in_flight(calls, killed)
    lost = [call for call in calls if call.key in victims and call.time <= killed < call.end]
    if not lost or max([before, *lately]) < concurrency:
        return None
    fallen = max(call.end for call in lost)
    back = next((moment for moment, number in flying if fallen <= moment <= until and number >= concurrency), None)
    return Refill(model, before, len(lost), None if back is None else back - killed)


class Refills:
    """Kills one of two workers again and again, and judges all rounds at the end."""

    def __init__(self, world: World, journal: Journal, concurrency: int, rounds: int) -> None:
        self._world = world
        self._journal = journal
        self._concurrency = concurrency
        self._rounds = rounds
        self.measurement = Measurement("worker killed: calls in flight at the limit again", BAR)

    def run(self) -> None:
        """The rounds, and what they have shown."""
        time.sleep(WARM_UP)
        self._world.twin.control({"latency_ms": LATENCY})
        if not self._wait_until_steady():
            self._journal.say(f"the twin never had {self._concurrency} calls in flight for {STEADY:.0f} s")
        kills: list[tuple[str, float]] = []
        for number in range(self._rounds):
            worker = self._world.stack.workers[number % len(self._world.stack.workers)]
            kills.append((worker, time.time()))
            self._world.stack.signal(worker, signal.SIGKILL)
            self._journal.say(f"killed {worker}")
            time.sleep(PAUSE)
        time.sleep(RECORD_COMPLETE)
        models = by_model(read_record(self._world.stack.record))
        for worker, moment in kills:
            self._judge(models, worker, moment)
        self._judge_excess(models)

    def _wait_until_steady(self) -> bool:
        deadline = time.time() + LONGEST_WAIT
        since = None
        while time.time() < deadline:
            if self._world.twin.stats()["in_flight"] < self._concurrency:
                since = None
            elif since is None:
                since = time.time()
            elif time.time() - since >= STEADY:
                return True
            time.sleep(0.25)
        return False

    def _judge(self, models: dict[str, list[TwinCall]], worker: str, killed: float) -> None:
        victims = {request.key for request in self._world.stack.proxies.requests if request.process == worker}
        found = [
            one for model, calls in sorted(models.items())
            if (one := refill(model, calls, victims, killed, self._concurrency, killed + PAUSE))
        ]
        for one in found:
            again = "not at the limit again" if one.seconds is None else f"at the limit again after {one.seconds:.2f} s"
            self._journal.say(
                f"{worker} killed: {one.model} had {one.before} calls in flight and lost {one.lost}, {again}"
            )
        times = [one.seconds for one in found if one.seconds is not None]
        if found and len(times) == len(found):
            self.measurement.values.append(max(times))
        else:
            self.measurement.missed += 1
            if not found:
                self._journal.say(f"{worker} killed: no model was at its limit, nothing is measured")

    def _judge_excess(self, models: dict[str, list[TwinCall]]) -> None:
        for model, calls in sorted(models.items()):
            most, moment = most_at_once(calls)
            self._journal.say(f"{model}: {most} calls in flight at most, allowed {self._concurrency}")
            if most > self._concurrency:
                self._journal.say(f"ABOVE THE LIMIT: {most} calls of {model} in flight since {moment:.3f}")
                self.measurement.missed += 1
