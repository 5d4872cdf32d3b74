"""I5: no sliding window of 60 s at the twin holds more than a class's limits.

Computed from the twin's record over the whole run, because the twin's own maxima end with it when it is killed. What
reaches the twin is late if the twin, the worker or the link stood still after the limiter had granted the call: a
client cannot prevent that. Requests that arrive during such a fault or shortly after are therefore left out: every
window of the others must still be within the limit, so the check stays exact in one direction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .evidence import Evidence, TwinCall
from .violation import Violation, found

LENGTH = 60.0
#: After such a fault the requests that were under way arrive.
SETTLING = 3.0


@dataclass(frozen=True)
class ClassLimit:
    """Limits of one model class, low enough to be met by the load."""

    provider: str
    model: str
    requests: int
    input_tokens: int | None = None

    @property
    def arguments(self) -> list[str]:
        """For `mixmyai limit set`."""
        tokens = [] if self.input_tokens is None else ["--input-tpm", str(self.input_tokens)]
        return [f"{self.provider}/{self.model}", "--rpm", str(self.requests), *tokens]


LIMITS = [
    ClassLimit("anthropic", "claude-opus-5-5", requests=75),
    ClassLimit("anthropic", "claude-sonnet-5-5", requests=750, input_tokens=500_000),
]


def busiest(calls: Sequence[TwinCall], weight: Callable[[TwinCall], int]) -> tuple[int, float]:
    """The largest sum in any half-open window, and when it ended."""
    best, best_end, total, first = 0, 0.0, 0, 0
    for call in calls:
        total += weight(call)
        while calls[first].time <= call.time - LENGTH:
            total -= weight(calls[first])
            first += 1
        if total > best:
            best, best_end = total, call.time
    return best, best_end


def disturbances(evidence: Evidence) -> list[tuple[float, float]]:
    """When calls may have reached the twin late."""
    return [
        (outcome.began, outcome.ended + SETTLING) for outcome in evidence.outcomes
        if outcome.injection.fault.delays_calls and not outcome.skipped
    ]


def undisturbed(evidence: Evidence) -> dict[str, list[TwinCall]]:
    """Calls by model, in order, without those that a fault may have made late."""
    late = disturbances(evidence)
    calls: dict[str, list[TwinCall]] = defaultdict(list)
    for call in sorted(evidence.twin_calls, key=lambda call: call.time):
        if not any(start <= call.time <= end for start, end in late):
            calls[call.model].append(call)
    return calls


def check_windows(evidence: Evidence) -> list[Violation]:
    """Requests and input tokens of every limited class."""
    calls = undisturbed(evidence)
    violations: list[Violation] = []
    for limit in LIMITS:
        measures = [("requests", limit.requests, lambda _: 1)]
        if limit.input_tokens is not None:
            measures.append(("input tokens", limit.input_tokens, lambda call: call.input_tokens))
        for name, allowed, weight in measures:
            most, end = busiest(calls.get(limit.model, []), weight)
            if most > allowed:
                text = f"{most} {name} of {limit.model} in 60 s, allowed {allowed}; the window ends at"
                violations += found("I5", text, [end])
    return violations
