"""What docs/metrics.md says there is, and what an expression of PromQL asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

DOCUMENT = "docs/metrics.md"
#: What Prometheus adds to what it reads, and ops/observe/targets.py.
TARGET_LABELS = {"job", "instance", "name"}
#: What Prometheus makes itself.
OWN = {"up": frozenset[str](), "ALERTS": frozenset({"alertname", "alertstate", "severity", "class"})}

_ROW = re.compile(r"^\| `(\w+)` \| (\w+)[^|]*\|([^|]*)\|", re.MULTILINE)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
_RANGE = re.compile(r"\[[^\]]*\]|\boffset\s+\w+")
_SELECTOR = re.compile(r"(?<![\w.:$])([a-zA-Z_:][\w:]*)\s*(\(|\{[^{}]*\})?")
_MATCHED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
#: Neither series nor functions. What stands before a parenthesis is gone by then.
_WORDS = {"and", "or", "unless", "bool", "inf", "nan"}


@dataclass(frozen=True)
class Request:
    """The series that an expression names, each with the labels that it is chosen by; the labels it is grouped by."""

    series: tuple[tuple[str, frozenset[str]], ...]
    grouped_by: frozenset[str]


def documented(text: str) -> dict[str, frozenset[str]]:
    """The labels of each series."""
    found: dict[str, frozenset[str]] = {}
    for name, kind, cell in _ROW.findall(text):
        if kind not in {"counter", "gauge", "histogram"}:
            continue
        # In parentheses stand values.
        labels = frozenset(re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", cell)))
        if kind == "histogram":
            found[f"{name}_bucket"] = labels | {"le"}
            found[f"{name}_sum"] = found[f"{name}_count"] = labels
        else:
            found[name] = labels
    return found


def request(expression: str) -> Request:
    """Reads as much of PromQL as we write: promtool says whether it is right."""
    text = _STRING.sub('""', expression)
    grouped_by: set[str] = set()
    for group in _GROUPING.findall(text):
        grouped_by |= set(re.findall(r"\w+", group))
    text = _RANGE.sub(" ", _GROUPING.sub(" ", text))
    series = []
    for name, after in _SELECTOR.findall(text):
        if after != "(" and name not in _WORDS:
            series.append((name, frozenset(_MATCHED.findall(after))))
    return Request(tuple(series), frozenset(grouped_by))


def problems(asked: Request, known: dict[str, frozenset[str]]) -> list[str]:
    """What of a request is not known."""
    found = []
    labels = set(TARGET_LABELS)
    for name, chosen_by in asked.series:
        if name not in known:
            found.append(f"{name} is no series of {DOCUMENT}")
            continue
        labels |= known[name]
        for label in sorted(chosen_by - known[name] - TARGET_LABELS):
            found.append(f"{name} has no label {label}")
    if not found:
        found += [f"none of its series has the label {label}" for label in sorted(asked.grouped_by - labels)]
    return found
