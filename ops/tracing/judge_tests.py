"""The judge of traces finds what is wrong with a good trace that was spoiled."""

from __future__ import annotations

import unittest
from dataclasses import replace
from typing import Any

from .judge import ANSWERED, CLIENT, INTERNAL, REQUIRED, ROOT, SERVER, judge
from .span import Span

EPOCH = 1_700_000_000 * 10**9
TASK = {
    "id": "task_1", "status": "completed", "is_whole": True,
    "calls": [
        dict(step=7, attempt=1, number=1, provider="openai", model="m", outcome="timed_out", input=None, output=None),
        dict(step=7, attempt=2, number=1, provider="openai", model="m", outcome="succeeded", input=10, output=5),
    ],
}


def span(name: str, own: str, parent: str, kind: int, times: tuple[int, int], **attributes: Any) -> Span:
    first = name.split(maxsplit=1)[0]
    given = dict.fromkeys(REQUIRED.get(first, {"http.request.method", "http.route", "http.response.status_code"}), "x")
    if attributes.get("mixmyai.call.outcome") == "succeeded":
        given |= dict.fromkeys(ANSWERED, "x")
    return Span(
        trace="t1", id=own, parent=parent, name=name, kind=kind, start=EPOCH + times[0], end=EPOCH + times[1],
        attributes=given | {"mixmyai.task.id": "task_1"} | attributes,
    )


def attempt(own: str, number: int, times: tuple[int, int]) -> Span:
    figures = {"mixmyai.step.id": 7, "mixmyai.step.attempt": number}
    return span("invoke_agent manager", own, "r", INTERNAL, times, **figures)


def call(own: str, parent: str, number: int, times: tuple[int, int], outcome: str, **tokens: int) -> Span:
    figures = {"mixmyai.step.id": 7, "mixmyai.step.attempt": number, "mixmyai.call.number": 1}
    words = {"gen_ai.provider.name": "openai", "mixmyai.call.model": "m", "mixmyai.call.outcome": outcome}
    used = {f"gen_ai.usage.{name}_tokens": count for name, count in tokens.items()}
    return span("chat m", own, parent, CLIENT, times, **figures, **words, **used)


GOOD = [
    span(ROOT, "r", "", INTERNAL, (0, 100), **{"mixmyai.task.status": "completed"}),
    span("POST /api/v1/tasks", "s", "r", SERVER, (0, 1)),
    attempt("a1", 1, (10, 20)), call("c1", "a1", 1, (11, 20), "timed_out"),
    attempt("a2", 2, (30, 50)), call("c2", "a2", 2, (31, 40), "succeeded", input=10, output=5),
]


class JudgeTests(unittest.TestCase):
    """Each spoils one thing."""

    def found(self, spans: list[Span], **task: Any) -> str:
        return "\n".join(judge(spans, [TASK | task]))

    def spoiled(self, index: int, **change: Any) -> str:
        return self.found([replace(one, **change) if place == index else one for place, one in enumerate(GOOD)])

    def saying(self, index: int, **attributes: Any) -> str:
        named = {name.replace("__", "."): value for name, value in attributes.items()}
        return self.spoiled(index, attributes=GOOD[index].attributes | named)

    def test_a_good_trace_is_good(self) -> None:
        self.assertEqual(self.found(GOOD), "")

    def test_a_task_without_a_trace(self) -> None:
        self.assertIn("0 traces", self.found([]))

    def test_two_traces(self) -> None:
        self.assertIn("2 traces", self.spoiled(3, trace="t2"))

    def test_no_root(self) -> None:
        self.assertIn("the roots are []", self.found(GOOD[1:]))

    def test_a_second_root(self) -> None:
        self.assertIn("the roots are", self.spoiled(2, parent=""))

    def test_a_parent_that_is_missing(self) -> None:
        self.assertIn("which is not there", self.found([one for one in GOOD if one.id != "a1"]))

    def test_a_circle(self) -> None:
        spans = [replace(one, parent="c1") if one.id == "a1" else one for one in GOOD]
        self.assertIn("does not hang under the root", self.found(spans))

    def test_an_id_twice(self) -> None:
        self.assertIn("2 times", self.found([*GOOD, GOOD[2]]))

    def test_times(self) -> None:
        self.assertIn("before its parent", self.spoiled(3, start=EPOCH + 9))
        self.assertIn("after it", self.spoiled(3, end=EPOCH + 21))
        self.assertIn("is from", self.spoiled(3, end=EPOCH + 10))
        self.assertIn("is from", self.spoiled(1, start=0))

    def test_what_was_under_way_at_a_cancellation(self) -> None:
        root = replace(GOOD[0], end=EPOCH + 35, attributes=GOOD[0].attributes | {"mixmyai.task.status": "cancelled"})
        self.assertEqual(self.found([root, *GOOD[1:]], status="cancelled"), "")
        late = replace(GOOD[1], end=EPOCH + 36)
        self.assertIn("after it", self.found([root, late, *GOOD[2:]], status="cancelled"))

    def test_kinds_and_places(self) -> None:
        self.assertIn("is of kind 1", self.spoiled(3, kind=INTERNAL))
        self.assertIn("is of kind 1", self.spoiled(1, kind=INTERNAL))
        self.assertIn("hangs under invoke_workflow", self.spoiled(3, parent="r"))
        self.assertIn("hangs under invoke_agent", self.spoiled(4, parent="a1", start=EPOCH + 10, end=EPOCH + 20))

    def test_what_is_not_said(self) -> None:
        for index, name in [(2, "mixmyai.step.queue_wait"), (5, "gen_ai.response.model"), (1, "http.route")]:
            left = {key: value for key, value in GOOD[index].attributes.items() if key != name}
            self.assertIn(f"does not say {name}", self.spoiled(index, attributes=left))

    def test_the_task_itself(self) -> None:
        self.assertIn("its root says completed", self.found(GOOD, status="failed"))
        self.assertIn("nobody has handed it in", self.found([one for one in GOOD if one.id != "s"]))

    def test_figures_of_calls(self) -> None:
        self.assertIn("has input 10", self.saying(5, gen_ai__usage__input_tokens=11))
        self.assertIn("has provider openai", self.saying(5, gen_ai__provider__name="anthropic"))
        self.assertIn("has outcome timed_out", self.saying(3, mixmyai__call__outcome="cancelled"))

    def test_calls_and_the_ledger(self) -> None:
        self.assertIn("no span for the call (7, 2, 1)", self.found([one for one in GOOD if one.id != "c2"]))
        self.assertIn("no row of the ledger", self.found(GOOD, calls=TASK["calls"][:1]))  # type: ignore[index]
        again = replace(GOOD[5], id="c3")
        self.assertIn("2 spans for the call", self.found([*GOOD, again]))
        self.assertIn("no span for attempt 1", self.found([one for one in GOOD if one.id not in ("a1", "c1")]))

    def test_what_was_lost_with_a_process(self) -> None:
        left = [one for one in GOOD if one.id not in ("a1", "c1")]
        self.assertEqual(self.found(left, is_whole=False), "")
        self.assertIn("which is not there", self.found([one for one in GOOD if one.id != "a1"], is_whole=False))


if __name__ == "__main__":
    unittest.main()
