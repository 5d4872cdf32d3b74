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
    rounds: int
    keep: bool
    programs: Path
    backlog: Path
