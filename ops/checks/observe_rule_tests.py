"""Each rule for what observes the fleet can fail: `python3 -m unittest checks.observe_rule_tests`."""

from __future__ import annotations

import json
import unittest
from collections.abc import Callable, Iterable
from typing import Any

from . import observe_rules as rules
from . import series
from .finding import Finding
from .tree import Tree

Rule = Callable[[Tree], Iterable[Finding]]

METRICS = """
| name | type | labels | recorded by | what it answers |
|---|---|---|---|---|
| `a_total` | counter | `kind`, `via` (`single`, `bulk`) | worker | How many? |
| `b_seconds` | histogram (call) | | worker | How long? |
| `c` | gauge | `agent_type` | scheduler | What? |
"""
ALERT = """
groups:
  - name: one
    rules:
      - record: fleet:a:rate5m
        expr: sum by (kind) (rate(a_total{via="bulk"}[5m]))
      - alert: TooMuch
        expr: fleet:a:rate5m{kind="x"} > 1
        labels: {severity: warning, class: symptom}
        annotations: {summary: Much., description: Users wait., runbook_url: ops/runbooks/TooMuch.md}
"""
TEST = """
tests:
  - input_series: [{series: 'a_total{kind="x", instance="a"}', values: '0+1x9'}]
    promql_expr_test:
      - {eval_time: 1m, expr: 'count(ALERTS{alertname="TooMuch", alertstate="firing"})'}
      - eval_time: 2m
        expr: 'count(ALERTS{alertname="TooMuch", alertstate="firing"})'
        exp_samples: [{labels: '{severity="warning"}', value: 1}]
      - {eval_time: 1h, expr: 'count(ALERTS{alertname="TooMuch", alertstate="firing"})'}
"""
PAGE = "# TooMuch\nWarning.\n" + "".join(f"\n## {section}\nText.\n" for section in rules.SECTIONS)
ROUTES = """
route: {routes: [{matchers: [severity = warning]}]}
inhibit_rules: [{source_matchers: [alertname =~ "TooMuch"], target_matchers: [class = symptom]}]
"""


def board(**changes: Any) -> dict[str, Any]:
    source = {"uid": "${datasource}"}
    panel = {
        "id": 1, "title": "Why?", "description": "Because.", "datasource": source,
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "targets": [{"datasource": source, "expr": 'c{agent_type=~"$agent_type"}'}],
    }
    variables = [{"name": "datasource", "type": "datasource"}, {"name": "agent_type", "type": "query"}]
    whole = {"uid": "mixmyai-one", "title": "One", "templating": {"list": variables}, "panels": [{**panel, **changes}]}
    return {**whole, **{key: changes[key] for key in changes.keys() & {"uid", "panels"}}}


class SeriesTests(unittest.TestCase):
    """What is read of documents and expressions."""

    def test_documented(self) -> None:
        known = series.documented(METRICS)
        self.assertEqual(known["a_total"], {"kind", "via"})
        self.assertEqual(known["b_seconds_bucket"], {"le"})
        self.assertNotIn("b_seconds", known)

    def test_request(self) -> None:
        asked = series.request(
            'histogram_quantile(0.95, sum by (le, kind) (rate(b_bucket{x=~"a|b", y!="z{q}"}[5m] offset 1h)))'
            " > 1.5e3 and on (z) c unless bool_metric"
        )
        self.assertEqual(dict(asked.series), {"b_bucket": {"x", "y"}, "c": frozenset(), "bool_metric": frozenset()})
        self.assertEqual(asked.grouped_by, {"le", "kind", "z"})


class ObserveRuleTests(unittest.TestCase):
    """What each rule finds, and what it leaves alone."""

    def found(self, rule: Rule, **changed: str) -> list[str]:
        texts = {
            series.DOCUMENT: METRICS, f"{rules.RULES_OF_PROMETHEUS}one.yaml": ALERT, f"{rules.TESTS}one.yaml": TEST,
            f"{rules.RUNBOOKS}TooMuch.md": PAGE, rules.INDEX: "| [TooMuch](TooMuch.md) | warning |\n",
            rules.ALERTMANAGER: ROUTES, f"{rules.DASHBOARDS}one.json": json.dumps(board()),
            f"{rules.COMMANDS}Queue/QueueCommands.swift": 'commandName: "queue"',
            f"{rules.COMMANDS}Queue/QueueListCommand.swift": 'commandName: "list"',
            f"{rules.COMMANDS}DeadLetter/DeadLetterCommands.swift": 'commandName: "dlq"',
            f"{rules.COMMANDS}DeadLetter/DeadLetterShowCommand.swift": 'commandName: "show"',
            f"{rules.COMMANDS}Why/WhyCommand.swift": 'commandName: "why"',
        }
        places = {
            "metrics": series.DOCUMENT, "alert": f"{rules.RULES_OF_PROMETHEUS}one.yaml",
            "test": f"{rules.TESTS}one.yaml",
            "page": f"{rules.RUNBOOKS}TooMuch.md", "index": rules.INDEX, "routes": rules.ALERTMANAGER,
            "board": f"{rules.DASHBOARDS}one.json", "other_page": f"{rules.RUNBOOKS}Gone.md",
        }
        texts.update({places[key]: text for key, text in changed.items()})
        return [one.text for one in rule(Tree({path: text for path, text in texts.items() if text}))]

    def test_everything_right(self) -> None:
        for rule in rules.RULES:
            self.assertEqual(self.found(rule), [], rule.__name__)

    def test_documented_series(self) -> None:
        self.assertTrue(self.found(rules.documented_series, metrics=""))
        self.assertTrue(self.found(rules.documented_series, alert=ALERT.replace("a_total", "d_total")))
        self.assertTrue(self.found(rules.documented_series, alert=ALERT.replace("via=", "priority=")))
        self.assertTrue(self.found(rules.documented_series, alert=ALERT.replace("by (kind)", "by (provider)")))
        self.assertTrue(self.found(rules.documented_series, alert=ALERT.replace("fleet:a:rate5m{", "fleet:a:rate1m{")))
        self.assertTrue(self.found(rules.documented_series, test=TEST.replace("kind=", "model=")))
        other = json.dumps(board(targets=[{"datasource": {"uid": "${datasource}"}, "expr": "b_seconds"}]))
        self.assertTrue(self.found(rules.documented_series, board=other))

    def test_alert_form(self) -> None:
        for old, new in (
            ("warning", "page"), ("symptom", "bug"), ("summary: Much.", "summary: ''"), ("Users wait.", "''"),
            ("TooMuch.md", "Other.md"),
        ):
            self.assertEqual(len(self.found(rules.alert_form, alert=ALERT.replace(old, new))), 1, new)

    def test_runbook_pages(self) -> None:
        self.assertTrue(self.found(rules.runbook_pages, page=""))
        self.assertTrue(self.found(rules.runbook_pages, page=PAGE.replace("## Mend", "## Repair")))
        self.assertTrue(self.found(rules.runbook_pages, page=PAGE.replace("Warning.", "Critical.")))
        self.assertTrue(self.found(rules.runbook_pages, index="nothing"))
        index = "| [TooMuch](TooMuch.md) | warning |\n| [Gone](Gone.md) | warning |\n"
        self.assertEqual(len(self.found(rules.runbook_pages, other_page=PAGE, index=index)), 1)

    def test_runbook_commands(self) -> None:
        for command in ("mixmyai queue list --watch", "mixmyai dlq show 17", "mixmyai why TASK"):
            fence = f"```sh\n{command}   # says why\n```\n"
            self.assertFalse(self.found(rules.runbook_commands, page=f"Type `{command}`.\n{fence}"), command)
        for command in ("mixmyai queue purge", "mixmyai dlq", "mixmyai letters show", "watch mixmyai dlq list"):
            self.assertTrue(self.found(rules.runbook_commands, page=f"`{command}`"), command)
            self.assertTrue(self.found(rules.runbook_commands, page=f"```sh\n{command}\n```\n"), command)

    def test_alert_tests(self) -> None:
        for changed, missing in (
            (TEST.replace("exp_samples", "samples"), 3), (TEST.replace("1m", "3m"), 1), (TEST.replace("1h", "1s"), 1),
            (TEST.replace("warning", "critical"), 3),
        ):
            self.assertEqual(len(self.found(rules.alert_tests, test=changed)), missing)

    def test_inhibitions(self) -> None:
        for old, new in (("TooMuch", "TooLittle"), ("class = symptom", "class = bug"), ("= warning", "= page")):
            self.assertTrue(self.found(rules.inhibitions, routes=ROUTES.replace(old, new)), new)

    def test_dashboards(self) -> None:
        panel: dict[str, Any] = board()["panels"][0]
        many = [{**panel, "id": n, "title": f"{n}?", "gridPos": {"x": 0, "y": n, "w": 12, "h": 1}} for n in range(13)]
        moved: dict[str, Any] = {**panel, "id": 2, "title": "Where?", "gridPos": {"x": 6, "y": 0, "w": 12, "h": 8}}
        wrong: tuple[dict[str, Any], ...] = (
            {"uid": "one"}, {"description": ""}, {"targets": []}, {"datasource": {"uid": "mine"}},
            {"panels": [panel, moved]}, {"panels": [panel, {**moved, "gridPos": {"x": 20, "y": 8, "w": 8, "h": 8}}]},
            {"panels": [panel, {**panel, "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}]},
            {"panels": many},
        )
        for changes in wrong:
            self.assertEqual(len(self.found(rules.dashboards, board=json.dumps(board(**changes)))), 1, changes)

    def test_panel_expressions(self) -> None:
        expressions = rules.panel_expressions(Tree({f"{rules.DASHBOARDS}one.json": json.dumps(board())}))
        self.assertEqual([expression for _, expression in expressions], ['c{agent_type=~".*"}'])
