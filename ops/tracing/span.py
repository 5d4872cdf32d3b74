"""A span as it was received."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Span:
    trace: str
    id: str
    parent: str
    name: str
    #: Of OTLP: 1 internal, 2 server, 3 client.
    kind: int
    start: int
    end: int
    attributes: dict[str, Any] = field(default_factory=dict)
    #: Trace and span of each.
    links: tuple[tuple[str, str], ...] = ()
    #: 0 unset, 1 ok, 2 error.
    status: int = 0
    #: Of who has sent it.
    service: str = ""

    def number(self, name: str) -> int:
        """An attribute that is a whole number; -1 without."""
        value = self.attributes.get(name)
        return value if isinstance(value, int) else -1
