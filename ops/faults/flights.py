"""I5: no model has more calls in flight at the twin than its class may have.

Computed from the twin's record, which has a line for each call with its beginning and its length; a killed twin's
last calls have none, so this is a lower bound. For the twin a call is over when its connection is: a killed worker's
calls end with it, while their leases in the limiter last some seconds longer. So a takeover explains fewer calls in
flight and never more.

More of them are nobody's fault if a worker, the twin or a link stood still: a lease runs out while its call goes on,
or a granted call arrives late. Calls that were in flight during such a fault or shortly after are therefore left out;
all the others have to fit together, so the check stays exact in one direction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .evidence import Evidence, TwinCall
from .violation import Violation, found
from .windows import LIMITS, disturbances

PROVIDERS = ("openai", "anthropic")


def settings(concurrency: int, has_windows: bool = True) -> list[list[str]]:
    """What `mixmyai limit set` is told: so many calls at once of each class, and the limits of windows.py."""
    at_once = ["--concurrency", str(concurrency)]
    classes = [[*limit.arguments, *at_once] for limit in LIMITS] if has_windows else []
    return [[provider, *at_once] for provider in PROVIDERS] + classes


def by_model(calls: Iterable[TwinCall]) -> dict[str, list[TwinCall]]:
    """The calls of each model."""
    models: dict[str, list[TwinCall]] = defaultdict(list)
    for call in calls:
        models[call.model].append(call)
    return models


def changes(calls: Sequence[TwinCall]) -> Iterator[tuple[float, int]]:
    """How many calls are in flight after each moment at which that changes. Calls that end and begin in the same
    millisecond were one after the other."""
    moments: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for call in calls:
        if call.end > call.time:
            moments[call.end][0] -= 1
            moments[call.time][1] += 1
    flying = 0
    for moment in sorted(moments):
        flying += sum(moments[moment])
        yield moment, flying


def most_at_once(calls: Sequence[TwinCall]) -> tuple[int, float]:
    """The most calls in flight, and since when."""
    best, when = 0, 0.0
    for moment, flying in changes(calls):
        if flying > best:
            best, when = flying, moment
    return best, when


def in_flight(calls: Iterable[TwinCall], moment: float) -> int:
    """Calls in flight at a moment."""
    return sum(1 for call in calls if call.time <= moment < call.end)


def quiet_calls(evidence: Evidence) -> dict[str, list[TwinCall]]:
    """Calls by model, without those that were in flight during a fault that explains more of them."""
    times = disturbances(evidence)
    return by_model(
        call for call in evidence.twin_calls
        if not any(start <= call.end and call.time <= end for start, end in times)
    )


def check_flights(evidence: Evidence) -> list[Violation]:
    """Every model, over the whole run."""
    violations: list[Violation] = []
    for model, calls in sorted(quiet_calls(evidence).items()):
        most, moment = most_at_once(calls)
        if most > evidence.concurrency:
            text = f"{most} calls of {model} in flight, allowed {evidence.concurrency}; since"
            violations += found("I5", text, [moment])
    return violations
