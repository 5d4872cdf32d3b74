"""Places that may break a rule, with the reason. The list only shrinks: what is not needed any more must go."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from .finding import Finding

FILE = "ops/checks/exceptions.txt"


@dataclass(frozen=True)
class Allowance:
    """So many findings of a rule in a file; of a measured rule one of at most that measure."""

    rule: str
    path: str
    amount: int
    reason: str
    line: int

    def __str__(self) -> str:
        return f"{self.rule}  {self.path}  {self.amount}  {self.reason}"


def parsed(text: str) -> list[Allowance]:
    allowances = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            rule, path, amount, *reason = line.split(None, 3)
            allowances.append(Allowance(rule, path, int(amount), reason[0] if reason else "", number))
    return allowances


def judged(findings: Iterable[Finding], allowances: list[Allowance]) -> list[Finding]:
    """What is left to mend: findings that nothing allows, and allowances of more than there is."""
    places = _by_place(findings)
    left: list[Finding] = []
    for allowance in allowances:
        here = places.pop((allowance.rule, allowance.path), [])
        found = _amount(here)
        if found > allowance.amount:
            left += here
        elif found < allowance.amount:
            text = f"{allowance.rule} of {allowance.path} has come down to {found}; ops/check --update notes it"
            left.append(Finding(FILE, allowance.line, "exceptions", text))
        if not allowance.reason:
            left.append(Finding(FILE, allowance.line, "exceptions", "an exception without a reason"))
    return sorted(left + [finding for here in places.values() for finding in here])


def shrink(file: Path, findings: Iterable[Finding]) -> None:
    """Lowers amounts and removes lines; adds and raises nothing."""
    places = _by_place(findings)
    lines: list[str] = []
    allowances = {one.line: one for one in parsed(file.read_text())}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        allowance = allowances.get(number)
        if allowance is None:
            lines.append(line)
            continue
        found = min(_amount(places.get((allowance.rule, allowance.path), [])), allowance.amount)
        if found:
            lines.append(str(replace(allowance, amount=found)) if found < allowance.amount else line)
    # What was between groups that are gone.
    file.write_text(re.sub(r"\n{3,}", "\n\n", "\n".join(lines) + "\n"))


def _by_place(findings: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    places = defaultdict(list)
    for finding in findings:
        places[finding.rule, finding.path].append(finding)
    return places


def _amount(here: list[Finding]) -> int:
    largest = max((finding.measure for finding in here), default=0)
    return largest or len(here)
