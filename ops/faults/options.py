"""What a run is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """The command line, understood."""

    seed: int
    minutes: float
    workers: int
    faults: list[str]
    recoveries: list[str]
    rounds: int
    keep: bool
    #: Calls in flight that each model class may have.
    concurrency: int
    #: Shortest and longest time that the twin takes for an answer, in milliseconds.
    latency: tuple[int, int]
    programs: Path
    backlog: Path
