"""What every measure gets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .fleet import Programs
from .results import Results
from .servers import Servers


@dataclass(frozen=True)
class Context:
    """The servers, the programs, and how much there is to do."""

    servers: Servers
    programs: Programs
    results: Results
    quick: bool

    @property
    def scratch(self) -> Path:
        """Logs and files of the run."""
        return self.programs.scratch

    def size(self, quick: int, full: int) -> int:
        """The amount of work for this kind of run."""
        return quick if self.quick else full
