"""A broken promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 12


@dataclass(frozen=True)
class Violation:
    """Which invariant, what was found, and where."""

    invariant: str
    text: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(self.ids[:SHOWN])
        more = f" and {len(self.ids) - SHOWN} more" if len(self.ids) > SHOWN else ""
        return f"{self.invariant}: {self.text}: {len(self.ids)} ({shown}{more})"


def found(invariant: str, text: str, ids: Iterable[object]) -> list[Violation]:
    """One violation with all its ids; nothing if there are none."""
    names = tuple(str(one) for one in ids)
    return [Violation(invariant, text, names)] if names else []
