"""What a run has shown, for people and for programs."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence

from .evidence import Evidence
from .flights import in_flight, most_at_once, quiet_calls
from .measurement import Measurement
from .violation import Violation
from .windows import LIMITS, busiest, undisturbed


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be; the first is text, the others are numbers."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def seconds(values: Sequence[float]) -> tuple[str, str]:
    """Median and maximum, or dashes."""
    return (f"{statistics.median(values):.2f}", f"{max(values):.2f}") if values else ("-", "-")


def fault_table(evidence: Evidence) -> str:
    """Per kind of fault: how often, how many calls were in flight at the twin when it came (median), and how long from
    its end to the next claim of a step. Other faults may go on at that moment: `--recovery` measures each alone."""
    rows = []
    outcomes = evidence.outcomes
    for name in sorted({outcome.injection.fault.name for outcome in outcomes}):
        mine = [outcome for outcome in outcomes if outcome.injection.fault.name == name]
        done = [outcome for outcome in mine if not outcome.skipped and not outcome.error]
        problem = next((f"skipped: {one.skipped}" for one in mine if one.skipped), "")
        problem = next((f"error: {one.error}" for one in mine if one.error), problem)
        median, longest = seconds([one.recovery for one in done if one.recovery is not None])
        flying = [in_flight(evidence.twin_calls, one.began) for one in done]
        calls = f"{statistics.median(flying):.0f}" if flying else "-"
        rows.append([name, str(len(done)), calls, median, longest, problem])
    return table(["FAULT", "TIMES", "CALLS", "NEXT CLAIM s", "LONGEST s", ""], rows)


def counts(evidence: Evidence) -> dict[str, int]:
    """How much happened."""
    value = evidence.database.value
    rows = evidence.database.rows("SELECT status, count(*) FROM tasks GROUP BY status", patience=10)
    statuses = {str(status): int(count) for status, count in rows}
    windows = undisturbed(evidence)
    facts = {
        "tasks": sum(statuses.values()), "acknowledged": len(evidence.acknowledged), "ambiguous": evidence.ambiguous,
        **{f"tasks_{status}": count for status, count in sorted(statuses.items())},
        "steps": value("SELECT count(*) FROM steps"),
        "steps_dead": value("SELECT count(*) FROM steps WHERE state = 'dead'"),
        "requests_sent": len(evidence.sent), "requests_at_twin": len(evidence.twin_calls),
        "ledger_rows": len(evidence.ledger), "ledger_lost": len(evidence.lost),
        "ledger_resolved": len(evidence.resolved),
    }
    for limit in LIMITS:
        calls = windows.get(limit.model, [])
        facts[f"busiest_minute_{limit.model}"] = busiest(calls, lambda _: 1)[0]
        if limit.input_tokens:
            facts[f"busiest_minute_tokens_{limit.model}"] = busiest(calls, lambda call: call.input_tokens)[0]
    for model, calls in sorted(quiet_calls(evidence).items()):
        facts[f"most_in_flight_{model}"] = most_at_once(calls)[0]
    return facts


def print_report(seed: int, minutes: float, evidence: Evidence, violations: Sequence[Violation]) -> None:
    """The table and what was found, on standard error; one line of JSON on standard output."""
    outcomes, facts = evidence.outcomes, counts(evidence)
    print(fault_table(evidence), file=sys.stderr)
    print("\n" + "\n".join(f"{name:32} {value}" for name, value in facts.items()), file=sys.stderr)
    for violation in violations:
        print(f"VIOLATION  {violation}", file=sys.stderr)
    errors = [f"{one.injection.fault.name}: {one.error}" for one in outcomes if one.error]
    skipped = sorted({one.injection.fault.name for one in outcomes if one.skipped})
    done = [one for one in outcomes if not one.skipped and not one.error]
    summary = {
        "seed": seed, "minutes": minutes, "faults": len(done), "kinds": len({one.injection.fault.name for one in done}),
        "skipped": skipped, "errors": errors, **facts, "violations": len(violations),
        "violated": sorted({violation.invariant for violation in violations}),
    }
    print(json.dumps(summary), flush=True)


def print_recovery(measurements: Sequence[Measurement]) -> int:
    """The times, and one line of JSON; 0 if all were within their limits."""
    rows, summary = [], {}
    for one in measurements:
        median, longest = seconds(one.values)
        is_late = one.missed > 0 or not one.values or max(one.values) > one.limit
        verdict = "late" if is_late else "ok"
        rows.append([one.name, str(len(one.values)), median, longest, f"{one.limit:.0f}", verdict, str(one.missed)])
        summary[one.name] = {
            "count": len(one.values), "median": median, "max": longest, "limit": one.limit, "missed": one.missed,
            "in_time": not is_late,
        }
    print(table(["RECOVERY", "TIMES", "MEDIAN s", "LONGEST s", "LIMIT s", "", "MISSED"], rows), file=sys.stderr)
    print(json.dumps({"recovery": summary}), flush=True)
    return 0 if all(entry["in_time"] for entry in summary.values()) else 1
