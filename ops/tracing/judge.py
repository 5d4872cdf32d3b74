"""Judges the traces of tasks: one tree each, whose calls are those of the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .span import Span

INTERNAL, SERVER, CLIENT = 1, 2, 3
ROOT = "invoke_workflow task"
#: By the first word of a span's name; requests begin with their method.
KINDS = {"invoke_workflow": INTERNAL, "invoke_agent": INTERNAL, "chat": CLIENT}
REQUIRED = {
    "invoke_workflow": {"gen_ai.operation.name", "gen_ai.agent.name", "mixmyai.task.id", "mixmyai.task.status"},
    "invoke_agent": {
        "gen_ai.operation.name", "gen_ai.agent.name", "mixmyai.task.id", "mixmyai.step.id", "mixmyai.step.kind",
        "mixmyai.step.attempt", "mixmyai.step.outcome", "mixmyai.step.queue_wait",
    },
    "chat": {
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "mixmyai.task.id", "mixmyai.step.id",
        "mixmyai.step.attempt", "mixmyai.call.outcome", "mixmyai.call.capacity_wait",
    },
}
#: Of a call that was answered as well.
ANSWERED = {
    "gen_ai.response.model", "gen_ai.response.finish_reasons", "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
}
Call = tuple[int, int, int]


def judge(spans: list[Span], tasks: list[dict[str, Any]]) -> list[str]:
    """What is wrong.

    Each task has `id`, `status`, `calls` as the ledger has them, and `is_whole`: false if a process was killed, which
    may have had spans in hand.
    """
    findings = []
    for task in tasks:
        own = [span for span in spans if span.attributes.get("mixmyai.task.id") == task["id"]]
        traces = {span.trace for span in own}
        if len(traces) != 1:
            findings.append(f"{task['id']}: {len(traces)} traces")
            continue
        found = [span for span in spans if span.trace in traces]
        checks = [tree(found), times(found), words(found), task_itself(found, task), calls(found, task)]
        findings += [f"{task['id']}: {finding}" for check in checks for finding in check]
    return findings


def tree(spans: list[Span]) -> Iterator[str]:
    """One root, every parent there, no id twice, no circle."""
    for name, count in Counter(span.id for span in spans).items():
        if count > 1:
            yield f"span {name} is there {count} times"
    roots = [span for span in spans if not span.parent]
    if [span.name for span in roots] != [ROOT]:
        yield f"the roots are {[span.name for span in roots]}"
    by_id = {span.id: span for span in spans}
    for span in spans:
        if span.parent and span.parent not in by_id:
            yield f"{span.name} {span.id} hangs under {span.parent}, which is not there"
    reached = {span.id for span in roots}
    while more := {span.id for span in spans if span.parent in reached} - reached:
        reached |= more
    for span in spans:
        if span.id not in reached and span.parent in by_id:
            yield f"{span.name} {span.id} does not hang under the root"


def times(spans: list[Span]) -> Iterator[str]:
    """Every span lies within its parent, and ends after it has begun.

    What was under way when its task was cancelled hears of it a moment later.
    """
    by_id = {span.id: span for span in spans}
    for span in spans:
        if not 1_600_000_000 * 10**9 < span.start <= span.end:
            yield f"{span.name} {span.id} is from {span.start} to {span.end}"
        parent = by_id.get(span.parent)
        if not parent:
            continue
        may_be_late = parent.attributes.get("mixmyai.task.status") == "cancelled" and span.kind == INTERNAL
        if span.start < parent.start or (span.end > parent.end and not may_be_late):
            early, late = (parent.start - span.start) / 1e6, (span.end - parent.end) / 1e6
            yield f"{span.name} {span.id} begins {early:.3f} ms before its parent, or ends {late:.3f} ms after it"


def words(spans: list[Span]) -> Iterator[str]:
    """Each span is of its kind, hangs where its kind does, and says what it has to."""
    by_id = {span.id: span for span in spans}
    for span in spans:
        first = span.name.split(maxsplit=1)[0]
        if span.kind != KINDS.get(first, SERVER):
            yield f"{span.name} is of kind {span.kind}"
        missing = REQUIRED.get(first, {"http.request.method", "http.route", "http.response.status_code"})
        if first == "chat" and span.attributes.get("mixmyai.call.outcome") in ("succeeded", "invalid_answer"):
            missing = missing | ANSWERED
        if missing := missing - span.attributes.keys():
            yield f"{span.name} does not say {', '.join(sorted(missing))}"
        parent = by_id.get(span.parent)
        wanted = {"chat": "invoke_agent", "invoke_workflow": None}.get(first, "invoke_workflow")
        if parent and parent.name.split(maxsplit=1)[0] != wanted:
            yield f"{span.name} hangs under {parent.name}"


def task_itself(spans: list[Span], task: dict[str, Any]) -> Iterator[str]:
    """The root says what the row says, and the request that handed it in is there."""
    for root in (span for span in spans if span.name == ROOT):
        if root.attributes.get("mixmyai.task.status") != task["status"]:
            yield f"it is {task['status']}, and its root says {root.attributes.get('mixmyai.task.status')}"
    if not any(span.kind == SERVER and span.name.startswith("POST ") for span in spans):
        yield "nobody has handed it in"


def calls(spans: list[Span], task: dict[str, Any]) -> Iterator[str]:
    """One span for each call of the ledger, with its figures, and none besides."""
    booked = {(call["step"], call["attempt"], call["number"]): call for call in task["calls"]}
    made: Counter[Call] = Counter()
    for span in (span for span in spans if span.name.startswith("chat ")):
        key = tuple(span.number(f"mixmyai.{name}") for name in ("step.id", "step.attempt", "call.number"))
        made[key] += 1  # type: ignore[index]
        row = booked.get(key)  # type: ignore[arg-type]
        if row is None:
            yield f"no row of the ledger for the call {key}"
            continue
        for name, attribute in [
            ("provider", "gen_ai.provider.name"), ("model", "mixmyai.call.model"), ("outcome", "mixmyai.call.outcome"),
            ("input", "gen_ai.usage.input_tokens"), ("output", "gen_ai.usage.output_tokens"),
        ]:
            if row[name] is not None and span.attributes.get(attribute) != row[name]:
                yield f"the call {key} has {name} {row[name]}, and its span {span.attributes.get(attribute)}"
    for key, count in made.items():
        if count > 1:
            yield f"{count} spans for the call {key}"
    if not task["is_whole"]:
        return
    for key in booked.keys() - made.keys():
        yield f"no span for the call {key}"
    # An attempt without a call had no capacity, or was broken off.
    attempts = {(span.number("mixmyai.step.id"), span.number("mixmyai.step.attempt")) for span in spans
                if span.name.startswith("invoke_agent ")}
    for step, attempt in {key[:2] for key in booked} - attempts:
        yield f"no span for attempt {attempt} at step {step}"
