"""The checks can fail: what each finds in evidence that was spoiled for it, and that it finds nothing in good evidence.

`PYTHONPATH=ops python3 -m unittest faults.checker_tests`; needs no servers. The queries of `row_checks` need rows: they
are tried at the end of each run, by `damage`.
"""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from . import windows
from .call_checks import CALL_CHECKS
from .damage import DAMAGES
from .evidence import Evidence, LedgerRow, TwinCall, call_id, call_key, read_record
from .flights import check_flights
from .proxy import SentRequest
from .row_checks import QUERIES, check_queues, check_submissions
from .violation import Violation


@dataclass
class StillDatabase:
    """Answers the three questions that the checks ask besides those of `row_checks.QUERIES`."""

    usage: list[tuple[int, int, int, str, int | None, int | None, float]] = field(default_factory=list)
    succeeded: list[tuple[int, int]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)

    def rows(self, query: str, **_: object) -> list[tuple[Any, ...]]:
        if "FROM ai_api_usage" in query:
            return list(self.usage)
        if "FROM steps" in query:
            return list(self.succeeded)
        return [(task,) for task in self.tasks]


def good() -> Evidence:
    """Step 1 was answered at once, step 2 after its first worker died; one submission has no answer."""
    database = StillDatabase(
        usage=[
            (1, 1, 1, "succeeded", 100, 20, 10.0), (2, 1, 0, "lost", None, None, 25.0),
            (2, 2, 1, "succeeded", 100, 30, 26.0),
        ],
        succeeded=[(1, 1), (2, 2)], tasks=["a", "b"])
    calls = [twin_call(1, 1, 1, 9.0, tokens=(100, 20)), twin_call(2, 2, 1, 25.5, tokens=(100, 30))]
    keys = ((9, "step-1-1-1"), (20, "step-2-1-1"), (25, "step-2-2-1"))
    sent = [SentRequest(time, "worker-1", key) for time, key in keys]
    return Evidence(
        database=cast(Any, database), acknowledged={"a"}, ambiguous=1, twin_calls=calls, sent=sent,
        outcomes=[fault(20.0, 22.0, loses=True)], concurrency=20, queues=[{"name": "agent.analyst", "messages": 0}])


def twin_call(step: int, attempt: int, number: int, time: float, tokens: tuple[int, int], model: str = "m") -> TwinCall:
    return TwinCall(time, time + 1, call_key((step, attempt, number)), model, 200, None, *tokens)


def fault(began: float, ended: float, loses: bool = False, delays: bool = False) -> Any:
    kind = SimpleNamespace(may_lose_calls=loses, delays_calls=delays)
    return SimpleNamespace(began=began, ended=ended, skipped=None, injection=SimpleNamespace(fault=kind))


class CheckTests(unittest.TestCase):
    """Evidence that is good but for one thing."""

    def found(self, spoil: Callable[[Evidence], object]) -> list[str]:
        evidence = good()
        spoil(evidence)
        checks = [*CALL_CHECKS, check_flights, check_submissions, check_queues]
        violations: list[Violation] = [violation for check in checks for violation in check(evidence)]
        return [f"{violation.invariant} {violation.text}" for violation in violations]

    def expect(self, text: str, spoil: Callable[[Evidence], object]) -> None:
        self.assertEqual(self.found(spoil), [text])

    def test_good_evidence_has_nothing(self) -> None:
        self.assertEqual(self.found(lambda _: None), [])

    def test_a_key_is_sent_once(self) -> None:
        self.expect("I6 key sent twice by a worker", lambda e: e.sent.append(e.sent[0]))
        self.expect("I6 key seen twice by the twin", lambda e: e.twin_calls.append(e.twin_calls[0]))

    def test_calls_in_flight_are_limited(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.concurrency = 1
            evidence.twin_calls = [replace(call, time=60.0, end=61.0) for call in evidence.twin_calls]

        self.assertIn("I5", " ".join(self.found(spoil)))
        self.assertEqual(self.found(lambda e: setattr(e, "concurrency", 1)), [])

    def test_a_request_without_a_key_is_found(self) -> None:
        self.expect("I6 request without a key of ours", lambda e: e.sent.append(SentRequest(9, "worker-1", "")))

    def test_the_twin_sees_only_what_was_sent(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.twin_calls.append(twin_call(2, 1, 2, 21.0, tokens=(1, 1)))

        self.expect("I6 key seen by the twin that no worker sent", spoil)

    def test_every_request_is_explained(self) -> None:
        unknown = SentRequest(9, "worker-1", "step-1-1-2")
        self.expect("I6 request without a ledger row", lambda e: e.sent.append(unknown))
        # That of the dead worker is explained by its attempt alone.
        self.assertIn("I6 request without a ledger row", self.found(lambda e: e.lost.clear()))

    def test_the_ledger_invents_nothing(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.ledger[3, 1, 1] = LedgerRow((3, 1, 1), "invalid_answer", 1, 1, 9.0)

        self.expect("I6 ledger row of an answer that nobody asked for", spoil)

    def test_ledger_and_twin_agree(self) -> None:
        for change in ({"input_tokens": 101}, {"output_tokens": 19}, {"status": 500}):
            def spoil(evidence: Evidence, change: dict[str, Any] = change) -> None:
                evidence.twin_calls[0] = replace(evidence.twin_calls[0], **change)

            self.expect("I12 ledger and twin disagree about an answer", spoil)

    def test_one_answer_takes_effect(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.ledger[1, 2, 1] = LedgerRow((1, 2, 1), "succeeded", 1, 1, 12.0)
            evidence.sent.append(SentRequest(11, "worker-2", "step-1-2-1"))

        self.expect("I3 usable answer that took no effect and is not marked lost", spoil)

    def test_what_took_effect_is_not_lost(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.lost[1, 1] = LedgerRow((1, 1, 0), "lost", None, None, 25.0)

        self.expect("I3 attempt that took effect and is marked lost", spoil)

    def test_a_spoiled_answer_is_no_success(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.twin_calls[0] = replace(evidence.twin_calls[0], fault="truncated_stream")

        self.expect("I10 spoiled answer stored as success", spoil)

    def test_a_loss_has_a_reason(self) -> None:
        def without_loss(evidence: Evidence) -> None:
            evidence.outcomes = cast(Any, [fault(20.0, 22.0, loses=False)])

        def too_early(evidence: Evidence) -> None:
            evidence.outcomes = cast(Any, [fault(30.0, 40.0, loses=True)])

        for spoil in (without_loss, too_early):
            self.expect("I6 attempt given up though its worker was there", spoil)

    def test_acknowledged_tasks_are_there(self) -> None:
        self.expect("I2 acknowledged task without a row", lambda e: e.acknowledged.add("c"))

    def test_tasks_come_from_submissions(self) -> None:
        def spoil(evidence: Evidence) -> None:
            evidence.ambiguous = 0

        self.expect("I2 more unacknowledged tasks than the 0 ambiguous submissions", spoil)

    def test_queues_are_empty(self) -> None:
        self.expect("I8 queue is not empty", lambda e: e.queues.append({"name": "agent.manager", "messages": 1}))
        self.assertEqual(self.found(lambda e: e.queues.append({"name": "agent.manager.dead", "messages": 1})), [])


class WindowTests(unittest.TestCase):
    """The sliding minute at the twin."""

    limit = windows.LIMITS[0]

    def found(self, times: list[float], outcomes: list[Any] | None = None, tokens: int = 1) -> list[str]:
        evidence = good()
        evidence.outcomes = cast(Any, outcomes or [])
        evidence.twin_calls = [
            twin_call(number, 1, 1, time, (tokens, 1), self.limit.model) for number, time in enumerate(times)
        ]
        return [violation.invariant for violation in windows.check_windows(evidence)]

    def test_a_minute_holds_the_limit_and_no_more(self) -> None:
        full = [float(second) * 0.5 for second in range(self.limit.requests)]
        self.assertEqual(self.found(full), [])
        self.assertEqual(self.found([*full, 59.9]), ["I5"])
        self.assertEqual(self.found([*full, 60.0]), [], "the first has left by then")

    def test_calls_that_a_fault_made_late_do_not_count(self) -> None:
        late = [0.0] * self.limit.requests + [1.0]
        self.assertEqual(self.found(late), ["I5"])
        self.assertEqual(self.found(late, [fault(0.0, 0.5, delays=True)]), [])
        self.assertEqual(self.found(late, [fault(0.0, 0.5, delays=False)]), ["I5"])

    def test_tokens_count_too(self) -> None:
        limit = next(one for one in windows.LIMITS if one.input_tokens)
        self.limit = limit
        share = (limit.input_tokens or 0) // 10
        self.assertEqual(self.found([float(second) for second in range(10)], tokens=share), [])
        self.assertEqual(self.found([float(second) for second in range(11)], tokens=share), ["I5"])


class DamageTests(unittest.TestCase):
    """Each query over rows has something that it must find."""

    def test_every_query_is_tried(self) -> None:
        self.assertEqual({text for _, text, _ in QUERIES}, DAMAGES.keys())


class RecordTests(unittest.TestCase):
    """Keys, and the twin's record."""

    def test_a_key_says_which_call_it_is(self) -> None:
        self.assertEqual(call_id(call_key((12, 3, 4))), (12, 3, 4))
        for key in ("", "step-1-2", "step-1-2-3-4", "xstep-1-2-3"):
            self.assertIsNone(call_id(key), key)

    def test_a_line_that_was_cut_in_two_is_left_out(self) -> None:
        line = (
            '{"time":"2026-01-01T00:00:00Z","idempotency_key":"step-1-1-1","model":"m","status":200,'
            '"duration_ms": 5, "input_tokens":1,"output_tokens":2}\n'
        )
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "record.jsonl"
            record.write_text(line + line[:40])
            self.assertEqual([call.key for call in read_record(record)], ["step-1-1-1"])
            self.assertEqual(read_record(Path(folder) / "none"), [])


if __name__ == "__main__":
    unittest.main()
