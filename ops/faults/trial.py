"""What the trials on a private fleet have in common: looking, waiting, killing, and saying what was not as promised."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from .books import Fleet

#: What the twin's moderation stops.
MARK = "xyzzy-forbidden"


@dataclass
class Outcome:
    """What was measured, and what was not as promised."""

    figures: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, text: str) -> None:
        """Notes the text unless it holds."""
        if not holds:
            self.wrong.append(text)


def say(text: str) -> None:
    """To whoever watches."""
    print(text, file=sys.stderr, flush=True)


def wait(what: str, is_done: Callable[[], bool], limit: float) -> None:
    """Looks every second."""
    end = time.monotonic() + limit
    while not is_done():
        if time.monotonic() > end:
            raise SystemExit(f"error: {what}: not within {limit:.0f} s")
        time.sleep(1)


def statuses(fleet: Fleet, batch: str) -> Counter[str]:
    """How many tasks of the batch have which status; empty while the database is away."""
    try:
        rows = fleet.rows(
            "SELECT t.status, count(*) FROM tasks t JOIN batches b USING (batch_id) "
            f"WHERE b.name = '{batch}' GROUP BY t.status"
        )
    except psycopg2.Error as error:
        say(f"the database does not answer ({type(error).__name__})")
        return Counter()
    return Counter({str(status): int(count) for status, count in rows})


def ended(counts: Counter[str]) -> int:
    """Of the tasks counted."""
    return sum(counts[status] for status in ("completed", "partial_completion", "failed", "cancelled"))


def kill(fleet: Fleet, name: str) -> None:
    """Kills a process of the fleet and says so."""
    if fleet.kill(name):
        say(f"killed {name}")


def backlog(count: int, name: str, every: int | None = None) -> str:
    """Small tasks, no two alike."""
    lines = []
    for number in range(count):
        is_poisoned = every is not None and number % every == every - 1
        mark = f" {MARK}" if is_poisoned else ""
        text = f"Compare two plans for the shop {name}-{number}{mark}. Which one is cheaper?"
        lines.append(json.dumps({"title": f"Plans of {name}-{number}", "description": text, "custom_id": str(number)}))
    return "\n".join(lines) + "\n"
