"""When nothing was claimed for a while, and which faults went on then: what to look at when a run was slow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .evidence import Evidence
from .runner import Outcome

SHORTEST = 3.0
SHOWN = 12


def standstills(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[str]:
    """The longest times without a claim, while there was something to do, with the faults that touch them."""
    start = min((outcome.began for outcome in outcomes if outcome.began), default=0.0)
    rows = evidence.database.rows(
        "SELECT extract(epoch FROM started_at)::float8 FROM steps WHERE started_at >= to_timestamp(%s) ORDER BY 1",
        (start,),
    )
    claims = [float(row[0]) for row in rows]
    gaps = [(end - begin, begin, end) for begin, end in pairwise(claims) if end - begin > SHORTEST]
    lines = []
    for length, begin, end in sorted(gaps, reverse=True)[:SHOWN]:
        faults = [
            f"{one.injection.fault.name} [{one.began - begin:+.1f} to {one.ended - begin:+.1f}]"
            for one in outcomes if not one.skipped and one.began < end and one.ended > begin - SHORTEST
        ]
        lines.append(f"{length:6.1f} s from {begin - start:6.1f}: {', '.join(faults) or 'no fault'}")
    return lines
