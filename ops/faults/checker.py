"""The invariants, checked against rows, broker and twin when everything is at rest. Every violation names its ids."""

from __future__ import annotations

from .call_checks import CALL_CHECKS
from .evidence import Evidence
from .flights import check_flights
from .row_checks import ROW_CHECKS
from .violation import Violation
from .windows import check_windows


def check(evidence: Evidence) -> list[Violation]:
    """Runs all checks; an empty list is what everybody wants."""
    checks = [*ROW_CHECKS, *CALL_CHECKS, check_windows, check_flights]
    return [violation for one in checks for violation in one(evidence)]
