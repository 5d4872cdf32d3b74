"""What the checks compare, collected once at the end: rows, the twin's record, the keys on the wire."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .proxy import SentRequest
from .runner import Outcome
from .servers import Database

KEY = re.compile(r"step-(\d+)-(\d+)-(\d+)")
CallID = tuple[int, int, int]
AttemptID = tuple[int, int]


@dataclass(frozen=True)
class LedgerRow:
    """A row of ai_api_usage. Tokens are those that the provider reported; None: it did not."""

    call: CallID
    outcome: str
    input_tokens: int | None
    output_tokens: int | None
    written: float


@dataclass(frozen=True)
class TwinCall:
    """A line of the twin's record: from `time` to `end` the call was in flight."""

    time: float
    end: float
    key: str
    model: str
    status: int
    fault: str | None
    input_tokens: int
    output_tokens: int


@dataclass
class Evidence:
    """Everything that is known about a run at rest."""

    database: Database
    acknowledged: set[str]
    ambiguous: int
    twin_calls: list[TwinCall]
    sent: list[SentRequest]
    outcomes: list[Outcome]
    queues: list[dict[str, Any]]
    #: Calls in flight that each class may have.
    concurrency: int
    ledger: dict[CallID, LedgerRow] = field(default_factory=dict)
    #: Attempts that were taken over, and of which calls may be missing.
    lost: dict[AttemptID, LedgerRow] = field(default_factory=dict)
    #: Attempts that were taken over and have booked all their calls later.
    resolved: dict[AttemptID, LedgerRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = self.database.rows(
            "SELECT step_id, attempt, call_number, outcome, prompt_tokens, completion_tokens, "
            "extract(epoch FROM timestamp)::float8 FROM ai_api_usage",
            patience=30,
        )
        for step, attempt, number, outcome, tokens_in, tokens_out, written in rows:
            row = LedgerRow((step, attempt, number), outcome, tokens_in, tokens_out, written)
            if outcome == "lost":
                self.lost[step, attempt] = row
            elif outcome == "resolved":
                self.resolved[step, attempt] = row
            else:
                self.ledger[row.call] = row

    @property
    def taken_over(self) -> dict[AttemptID, LedgerRow]:
        """Attempts that were given up while they ran, whatever became of their calls."""
        return self.lost | self.resolved

    def is_explained(self, call: CallID) -> bool:
        """The ledger has the call, or says that calls of this attempt may be lost."""
        return call in self.ledger or call[:2] in self.lost

    def calls_by_key(self) -> dict[str, list[TwinCall]]:
        """The twin's lines of each idempotency key."""
        calls: dict[str, list[TwinCall]] = defaultdict(list)
        for call in self.twin_calls:
            calls[call.key].append(call)
        return calls


def call_key(call: CallID) -> str:
    """The idempotency key of a call."""
    return "step-{}-{}-{}".format(*call)


def call_id(key: str) -> CallID | None:
    """What an idempotency key says, if it is one of ours."""
    match = KEY.fullmatch(key)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def read_record(path: Path) -> list[TwinCall]:
    """The twin's record. A line that a kill cut in two is left out: it is the last one before the kill."""
    calls: list[TwinCall] = []
    if not path.exists():
        return calls
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        # Both are whole milliseconds at the twin.
        began = round(datetime.fromisoformat(entry["time"]).timestamp() * 1000)
        calls.append(
            TwinCall(
                time=began / 1000, end=(began + entry["duration_ms"]) / 1000, key=entry.get("idempotency_key") or "",
                model=entry.get("model") or "", status=entry["status"], fault=entry.get("fault"),
                input_tokens=entry["input_tokens"], output_tokens=entry["output_tokens"],
            )
        )
    return calls
