"""What a rule has found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """A place that breaks a rule. Measured rules say how much: the exceptions allow up to that."""

    path: str
    line: int
    rule: str
    text: str
    measure: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"
