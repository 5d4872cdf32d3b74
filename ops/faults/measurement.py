"""A row of the table of recovery times."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Measurement:
    """How long something took, in seconds, and how long it may take."""

    name: str
    limit: float
    values: list[float] = field(default_factory=list)
    #: Rounds in which it did not happen in time, or something else was wrong.
    missed: int = 0
