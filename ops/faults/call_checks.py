"""Checks of the calls: what left the workers, what the twin saw, and what the ledger says, compared by idempotency key.

Which comparison is exact and which is not:
- Key by key, everything is exact. A key is `step-<id>-<attempt>-<number>`, and one attempt is one worker's claim, so a
  killed worker's call is not an unknown number but a known attempt, which the ledger marks `lost`. A worker that was
  only frozen books its calls when it comes back; then the row says `resolved`, and every call has a row of its own.
- Sums are not: one `lost` row stands for no call (killed before it), one, or several (a repair, a second model).
- The twin's record is a lower bound once a twin was killed: it is written every half second, and a call that was being
  answered then has no line. What the proxies saw is complete, and is used where completeness matters.
- A call may be on the wire and never reach the twin (a silent link), so the wire is an upper bound of the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .evidence import Evidence, call_id, call_key
from .violation import Violation, found

USABLE = ("succeeded", "invalid_answer")
SPOILED = {"truncated_stream", "malformed_json", "bad_schema", "unstorable_text", "refusal"}
#: A lost row may be written this long after the fault: the lease, and a worker's heartbeats after an outage.
LOSS_DELAY = 60.0


def check_keys(evidence: Evidence) -> list[Violation]:
    """I6: every request has a key of ours, and no key is sent twice."""
    sent = Counter(request.key for request in evidence.sent)
    seen = Counter(call.key for call in evidence.twin_calls)
    return [
        *found("I6", "request without a key of ours", sorted(key for key in sent | seen if call_id(key) is None)),
        *found("I6", "key sent twice by a worker", sorted(key for key, count in sent.items() if count > 1)),
        *found("I6", "key seen twice by the twin", sorted(key for key, count in seen.items() if count > 1)),
        *found("I6", "key seen by the twin that no worker sent", sorted(key for key in seen if key not in sent)),
    ]


def check_explained(evidence: Evidence) -> list[Violation]:
    """I6, I12: every request that left a worker is in the ledger, or its attempt is marked lost.

    Exact for every request, answered or cut off: only a request that never left (no connection) has no row.
    """
    calls = {call for request in evidence.sent if (call := call_id(request.key))}
    status = {call.key: call.status for call in evidence.twin_calls}
    unexplained = sorted(call for call in calls if not evidence.is_explained(call))
    names = [call_key(call) for call in unexplained]
    ids = [f"{name} (twin: {status.get(name, 'not seen')})" for name in names]
    return found("I6", "request without a ledger row", ids)


def check_invented(evidence: Evidence) -> list[Violation]:
    """I6, I12: the ledger has no answer that nobody asked for or the twin did not give."""
    sent = {call_id(request.key) for request in evidence.sent}
    calls = {key: lines[0] for key, lines in evidence.calls_by_key().items()}
    answered = [row for row in evidence.ledger.values() if row.outcome in USABLE]
    wrong_tokens = []
    for row in answered:
        call = calls.get(call_key(row.call))
        # Without a line the twin was killed before it wrote it; then there is nothing to compare.
        expected = (200, row.input_tokens, row.output_tokens)
        if call and (call.status, call.input_tokens, call.output_tokens) != expected:
            wrong_tokens.append(
                f"{row.call}: ledger {row.input_tokens}+{row.output_tokens}, "
                f"twin {call.status} {call.input_tokens}+{call.output_tokens}"
            )
    invented = [row.call for row in answered if row.call not in sent]
    return [
        *found("I6", "ledger row of an answer that nobody asked for", invented),
        *found("I12", "ledger and twin disagree about an answer", wrong_tokens),
    ]


def check_once(evidence: Evidence) -> list[Violation]:
    """I3: of all attempts of a step that got a usable answer, one took effect, and the others are marked lost.

    A worker that was frozen for longer than its lease, and comes back, has paid for an answer too: that is allowed, but
    the ledger must have said so before it was known.
    """
    rows = evidence.database.rows("SELECT step_id, attempt FROM steps WHERE state = 'succeeded'", patience=10)
    final = {int(step): int(attempt) for step, attempt in rows}
    doubled = []
    for row in evidence.ledger.values():
        step, attempt, _ = row.call
        if row.outcome == "succeeded" and final.get(step) != attempt and (step, attempt) not in evidence.taken_over:
            doubled.append(row.call)
    both = [key for key in evidence.taken_over if final.get(key[0]) == key[1]]
    return [
        *found("I3", "usable answer that took no effect and is not marked lost", sorted(doubled)),
        *found("I3", "attempt that took effect and is marked lost", sorted(both)),
    ]


def check_whole(evidence: Evidence) -> list[Violation]:
    """I10: no answer that the twin spoiled counts as a success."""
    spoiled = [
        f"{call.key} {call.fault}" for call in evidence.twin_calls
        if call.fault in SPOILED and (known := call_id(call.key))
        and known in evidence.ledger and evidence.ledger[known].outcome == "succeeded"
    ]
    return found("I10", "spoiled answer stored as success", spoiled)


def check_losses(evidence: Evidence) -> list[Violation]:
    """I6: an attempt is given up only around a fault that can make a worker look dead; without one, such a
    row would be work that was paid twice for no reason."""
    reasons = [
        (outcome.began, outcome.ended + LOSS_DELAY) for outcome in evidence.outcomes
        if outcome.injection.fault.may_lose_calls and not outcome.skipped
    ]
    unexplained = [
        key
        for key, row in evidence.taken_over.items()
        if not any(start <= row.written <= end for start, end in reasons)
    ]
    return found("I6", "attempt given up though its worker was there", sorted(unexplained))


CALL_CHECKS: list[Callable[[Evidence], list[Violation]]] = [
    check_keys, check_explained, check_invented, check_once, check_whole, check_losses,
]
