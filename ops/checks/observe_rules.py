"""Rules for ops/observe and ops/runbooks: every series is there, every alert has tests and a page, and the reverse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import yaml

from . import series
from .finding import Finding
from .tree import Tree, line_of

RULES_OF_PROMETHEUS = "ops/observe/prometheus/rules/"
TESTS = "ops/observe/prometheus/tests/"
ALERTMANAGER = "ops/observe/alertmanager/alertmanager.yaml"
DASHBOARDS = "ops/observe/grafana/dashboards/"
RUNBOOKS = "ops/runbooks/"
INDEX = RUNBOOKS + "README.md"
COMMANDS = "ops/cli/Commands/"

SEVERITIES = {"none", "warning", "critical"}
CLASSES = {"cause", "symptom", "monitor"}
SECTIONS = ["What it means", "Look", "Mend", "Verify", "Wake somebody"]
PANELS = 12

_FIRING = re.compile(r'ALERTS\{alertname="(\w+)", alertstate="firing"\}')
_EXPECTED = re.compile(r'severity="(\w+)"')
_TIME = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_COMMAND_NAME = re.compile(r'commandName: "([\w-]+)"')
_COMMAND = re.compile(r"\bmixmyai ((?:-o \w+ )?)([a-z]+)(?: ([a-z]+))?")
_FENCE = re.compile(r"^```", re.MULTILINE)
#: Grafana puts the panel's step in its place.
_INTERVAL = "$__rate_interval"


def documented_series(tree: Tree) -> Iterator[Finding]:
    """Rules, their tests and dashboards ask for series and labels that docs/metrics.md has."""
    if series.DOCUMENT not in tree.texts:
        yield Finding(series.DOCUMENT, 1, "series", "is not there, and rules and dashboards rest on it")
        return
    known = {**series.documented(tree.texts[series.DOCUMENT]), **series.OWN}
    for _, rule in _rules(tree):
        if "record" in rule:
            of = [known.get(name, frozenset()) for name, _ in series.request(rule["expr"]).series]
            known[rule["record"]] = frozenset().union(*of)
    asked = [(path, rule["expr"]) for path, rule in _rules(tree)] + list(panel_expressions(tree))
    asked += [(path, one["series"]) for path, test in _tests(tree) for one in test["input_series"]]
    for path, expression in asked:
        for problem in series.problems(series.request(expression), known):
            yield Finding(path, _line(tree, path, expression), "series", problem)


def alert_form(tree: Tree) -> Iterator[Finding]:
    """An alert has a severity and a class that routes know, says what users see, and leads to its runbook."""
    for path, rule in _alerts(tree):
        name, labels, notes = rule["alert"], rule.get("labels", {}), rule.get("annotations", {})
        problems = {
            f"its severity is none of {', '.join(sorted(SEVERITIES))}": labels.get("severity") not in SEVERITIES,
            f"its class is none of {', '.join(sorted(CLASSES))}": labels.get("class") not in CLASSES,
            "it has no summary": not notes.get("summary"),
            "it does not describe what users see": not notes.get("description"),
            f"its runbook_url is not {RUNBOOKS}{name}.md": notes.get("runbook_url") != f"{RUNBOOKS}{name}.md",
        }
        for problem, is_there in problems.items():
            if is_there:
                yield Finding(path, _line(tree, path, name), "alert", f"{name}: {problem}")


def runbook_pages(tree: Tree) -> Iterator[Finding]:
    """Every alert has a runbook with all its parts, which the index names with its severity; no runbook is without."""
    alerts = {rule["alert"] for _, rule in _alerts(tree)}
    pages = {
        PurePosixPath(path).stem: text
        for path, text in tree.texts.items()
        if path.startswith(RUNBOOKS) and path.endswith(".md") and path != INDEX
    }
    index = tree.texts.get(INDEX, "")
    for name in sorted(alerts | pages.keys()):
        path = f"{RUNBOOKS}{name}.md"
        if name not in pages:
            yield Finding(INDEX, 1, "runbook", f"{name} has no runbook")
        elif name not in alerts:
            yield Finding(path, 1, "runbook", "there is no such alert")
        else:
            if re.findall(r"^## (.+)$", pages[name], re.MULTILINE) != SECTIONS:
                yield Finding(path, 1, "runbook", f"its sections are not {', '.join(SECTIONS)}")
            for severity in sorted(_severities(tree, name) - {"none"}):
                if severity not in pages[name].split("\n##")[0].lower():
                    yield Finding(path, 1, "runbook", f"does not say that it is {severity}")
        if f"| [{name}]({name}.md) |" not in index:
            yield Finding(INDEX, 1, "runbook", f"does not list {name}")


def runbook_commands(tree: Tree) -> Iterator[Finding]:
    """A runbook names commands of `mixmyai` that there are."""
    groups, alone = _commands(tree)
    for path, text in tree.texts.items():
        if not path.startswith(RUNBOOKS) or not path.endswith(".md"):
            continue
        spans = [*re.finditer(r"`([^`\n]+)`", text), *re.finditer(r"^(.*mixmyai.*)$", text, re.MULTILINE)]
        for span in spans:
            is_fenced = len(_FENCE.findall(text, 0, span.start())) % 2 == 1
            if span[0].startswith("`") or is_fenced:
                for _, first, second in _COMMAND.findall(span[1]):
                    if first not in alone and second not in groups.get(first, set()):
                        problem = f"there is no command mixmyai {first} {second}".rstrip()
                        yield Finding(path, line_of(text, span.start()), "command", problem)


def alert_tests(tree: Tree) -> Iterator[Finding]:
    """Each alert at each of its severities has a test in which it does not fire, fires, and resolves."""
    proved: dict[tuple[str, str], set[str]] = {}
    for _, test in _tests(tree):
        looks = []
        for one in test.get("promql_expr_test", []):
            alert = _FIRING.search(one["expr"])
            samples = [sample["labels"] for sample in one.get("exp_samples", [])]
            expected = {severity for labels in samples for severity in _EXPECTED.findall(labels)}
            if alert:
                looks.append((_seconds(one["eval_time"]), alert[1], expected))
        for time, alert_name, expected in looks:
            for severity in expected:
                same = [(other, severity in seen) for other, name, seen in looks if name == alert_name]
                facts = proved.setdefault((alert_name, severity), set())
                facts.add("fire")
                facts |= {"wait"} if any(other < time and not fires for other, fires in same) else set()
                facts |= {"resolve"} if any(other > time and not fires for other, fires in same) else set()
    for path, rule in _alerts(tree):
        name, severity = rule["alert"], rule.get("labels", {}).get("severity")
        wanted = {"fire"} if severity == "none" else {"fire", "wait", "resolve"}
        for fact in sorted(wanted - proved.get((name, severity), set())):
            problem = f"{name} ({severity}): no test in {TESTS} in which it has to {fact}"
            yield Finding(path, _line(tree, path, name), "alert-test", problem)


def inhibitions(tree: Tree) -> Iterator[Finding]:
    """Alertmanager's routes and inhibitions name alerts, severities and classes that there are."""
    document = yaml.safe_load(tree.texts.get(ALERTMANAGER, "{}")) or {}
    matchers = [one for route in document.get("route", {}).get("routes", []) for one in route["matchers"]]
    for rule in document.get("inhibit_rules", []):
        matchers += rule["source_matchers"] + rule["target_matchers"]
    known = {"alertname": {rule["alert"] for _, rule in _alerts(tree)}, "severity": SEVERITIES, "class": CLASSES}
    for matcher in matchers:
        label, _, values = matcher.partition("=")
        for value in re.findall(r"\w+", values):
            if value not in known.get(label.strip(), set()):
                line = _line(tree, ALERTMANAGER, matcher)
                yield Finding(ALERTMANAGER, line, "inhibition", f"{matcher}: there is no {label.strip()} {value}")


def dashboards(tree: Tree) -> Iterator[Finding]:
    """A dashboard has a name of its own, few panels, and each of them answers a question from the chosen source."""
    seen: set[str] = set()
    for path, text in _below(tree, DASHBOARDS, ".json"):
        board = json.loads(text)
        panels, variables = board["panels"], board["templating"]["list"]
        problems = {
            f"its uid is not mixmyai-{PurePosixPath(path).stem}": board["uid"] != f"mixmyai-{PurePosixPath(path).stem}",
            "another one has its title": board["title"] in seen,
            "it does not let choose the source": "datasource" not in {one["type"] for one in variables},
            f"it has more than {PANELS} panels": len(panels) > PANELS,
            "two panels have the same number or title": any(
                len({one[key] for one in panels}) < len(panels) for key in ("id", "title")
            ),
            "panels overlap": _overlap([one["gridPos"] for one in panels]),
        }
        seen.add(board["title"])
        for one in panels:
            title = one.get("title", "?")
            problems[f"{title}: nobody says what it tells"] = not one.get("description")
            problems[f"{title}: it shows nothing"] = not one.get("targets")
            problems[f"{title}: it has a source of its own"] = any(
                part["datasource"]["uid"] != "${datasource}" for part in [one, *one.get("targets", [])]
            )
        for problem, is_there in problems.items():
            if is_there:
                yield Finding(path, 1, "dashboard", problem)


def panel_expressions(tree: Tree) -> Iterator[tuple[str, str]]:
    """The expressions of all panels, with Grafana's variables filled in."""
    for path, text in _below(tree, DASHBOARDS, ".json"):
        board = json.loads(text)
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                filled = target["expr"].replace(_INTERVAL, "5m")
                for one in board["templating"]["list"]:
                    filled = filled.replace(f"${one['name']}", ".*")
                yield path, filled


def _commands(tree: Tree) -> tuple[dict[str, set[str]], set[str]]:
    """The commands that have others below them, and those that have none."""
    groups: dict[str, set[str]] = {}
    alone: set[str] = set()
    names: dict[str, list[str]] = {}
    for path, text in _below(tree, COMMANDS, ".swift"):
        names.setdefault(str(PurePosixPath(path).parent), []).extend(_COMMAND_NAME.findall(text))
        if path.endswith("Commands.swift"):
            groups[str(PurePosixPath(path).parent)] = set()
    found: dict[str, set[str]] = {}
    for folder, all_names in names.items():
        if folder in groups:
            head = PurePosixPath(folder).name.lower()
            # The folder DeadLetter holds `dlq`.
            main = head if head in all_names else next(iter(_group_names(tree, folder)), head)
            found[main] = set(all_names) - {main}
        else:
            alone |= set(all_names)
    return found, alone


def _group_names(tree: Tree, folder: str) -> list[str]:
    return [
        name for path, text in _below(tree, folder + "/", "Commands.swift") for name in _COMMAND_NAME.findall(text)
    ]


def _severities(tree: Tree, name: str) -> set[str]:
    return {str(rule.get("labels", {}).get("severity")) for _, rule in _alerts(tree) if rule["alert"] == name}


def _rules(tree: Tree) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, text in _below(tree, RULES_OF_PROMETHEUS, ".yaml"):
        for group in _parsed(text)["groups"]:
            for rule in group["rules"]:
                yield path, rule


def _alerts(tree: Tree) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((path, rule) for path, rule in _rules(tree) if "alert" in rule)


def _tests(tree: Tree) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, text in _below(tree, TESTS, ".yaml"):
        for test in _parsed(text)["tests"]:
            yield path, test


@cache
def _parsed(text: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text))


def _below(tree: Tree, folder: str, ending: str) -> Iterator[tuple[str, str]]:
    for path, text in sorted(tree.texts.items()):
        if path.startswith(folder) and path.endswith(ending):
            yield path, text


def _line(tree: Tree, path: str, text: str) -> int:
    # A folded expression is found by its first line.
    place = tree.texts[path].find(text.strip().split("\n")[0])
    return line_of(tree.texts[path], max(place, 0))


def _seconds(text: str) -> int:
    return sum(int(number) * _SECONDS[unit] for number, unit in _TIME.findall(str(text)))


def _overlap(places: list[dict[str, int]]) -> bool:
    cells = [
        (x, y)
        for one in places
        for x in range(one["x"], one["x"] + one["w"])
        for y in range(one["y"], one["y"] + one["h"])
    ]
    return len(cells) > len(set(cells)) or any(x >= 24 for x, _ in cells)


RULES = (
    documented_series, alert_form, runbook_pages, runbook_commands, alert_tests, inhibitions, dashboards,
)
