"""Measured values, and what becomes of them over the rounds."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .contracts import MEASURES, RATES, contract


@dataclass(frozen=True)
class Value:
    """One measured value of one round."""

    system: str
    measure: str
    value: float


@dataclass(frozen=True)
class Row:
    """A measure of a system over all rounds."""

    system: str
    measure: str
    contract: str
    median: float
    minimum: float
    maximum: float
    runs: int

    def document(self) -> dict[str, object]:
        """The row as it is written to the JSON file."""
        return {
            "system": self.system, "measure": self.measure, "contract": self.contract, "median": self.median,
            "min": self.minimum, "max": self.maximum, "runs": self.runs}


class Results:
    """Collects values."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, values: list[Value]) -> None:
        """Adds the values of a round."""
        for value in values:
            self._values[value.system, value.measure].append(value.value)

    def last(self, system: str, measure: str) -> float | None:
        """The newest value of a measure."""
        values = self._values.get((system, measure))
        return values[-1] if values else None

    def rows(self) -> list[Row]:
        """Rows in the order of the catalogue of measures, ratios of the medians of the same run at the end."""
        order = {name: number for number, name in enumerate(MEASURES)}
        keys = sorted(
            self._values, key=lambda key: (order.get(key[1], len(order)), key[1], key[0] != "mixmyai", key[0])
        )
        rows = [self._row(key) for key in keys]
        return rows + self._ratios({(row.system, row.measure): row for row in rows})

    def _row(self, key: tuple[str, str]) -> Row:
        values = self._values[key]
        return Row(
            key[0], key[1], contract(*key), _rounded(statistics.median(values)), _rounded(min(values)),
            _rounded(max(values)), len(values))

    def _ratios(self, rows: dict[tuple[str, str], Row]) -> list[Row]:
        ratios: list[Row] = []
        for measure in RATES:
            ours = self._values.get(("mixmyai", measure), [])
            for (system, name), row in rows.items():
                theirs = self._values[system, name]
                if name != measure or system == "mixmyai" or len(ours) != len(theirs) or not ours:
                    continue
                # Round by round: both values of a pair were measured next to each other.
                pairs = [mine / other for mine, other in zip(ours, theirs, strict=True)]
                ratios.append(
                    Row(
                        "mixmyai", f"{measure}_ratio_to_{system}", f"ratio to: {row.contract}",
                        _rounded(statistics.median(pairs)), _rounded(min(pairs)), _rounded(max(pairs)), len(pairs)))
        return ratios


def _rounded(value: float) -> float:
    """Four significant digits, whole numbers from a thousand on."""
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.4g}")


def write_json(path: Path, rows: list[Row], about: dict[str, Any]) -> None:
    """Writes the rows, and beside them how they came about."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"rows": [row.document() for row in rows], "about": about}, indent=1) + "\n")
