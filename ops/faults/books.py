"""ops/books: the ledger and the provider twin's own bill, compared call by call.

The twin charges by the providers' rules and knows nothing of the fleet: where usage was reported, both have to agree to
the micro-dollar; where a call was cut, the fleet cannot know, and the bill has to lie between what is proved and the
most that it can be.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

FAULTS = {
    "rate_limit": 0.01, "overloaded": 0.01, "server_error": 0.01, "timeout": 0.003, "truncated_stream": 0.01,
    "malformed_json": 0.01, "bad_schema": 0.01, "refusal": 0.01, "slow_bytes": 0.005, "unstorable_text": 0.005,
}  # fmt: skip
#: Holds a whole provider back for five minutes: a moment of it is enough.
QUOTA_SECONDS = 0.2


@dataclass(frozen=True)
class LedgerCall:
    """What the ledger says of one call; micro-dollars."""

    basis: str
    outcome: str
    proved: int | None
    at_most: int


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/books", description=__doc__)
    parser.add_argument("--tasks", type=int, default=500, help="tasks to work off (default 500)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2)")
    parser.add_argument("--no-faults", action="store_true", help="let nothing go wrong")
    parser.add_argument("--no-disconnect-billing", action="store_true", help="cut calls are not on the bill")
    parser.add_argument("--cache-mode", choices=["explicit", "implicit"], default="explicit", help="of all models")
    parser.add_argument("--programs", type=Path, required=True, help="folder of built programs")
    return parser.parse_args()


class Fleet:
    """A private fleet with the twin."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.state = folder / "fleet"
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "MIXMYAI_MODELS": str(folder / "models.yaml")}
        models = (Path("workers/agents") / "models.yaml").read_text()
        if options.cache_mode == "implicit":
            models = models.replace("    api: responses\n", "    api: responses\n    cache_mode: implicit\n")
        (folder / "models.yaml").write_text(models)
        self.environment["MIXMYAI_AGENTS"] = str(Path("workers/agents/agents.yaml").resolve())

    def run(self, *words: str, text: str = "") -> str:
        command = [str(self.options.programs / "mixmyai"), "--state-dir", str(self.state), *words]
        done = subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, check=False, timeout=3600
        )
        if done.returncode != 0:
            raise SystemExit(f"error: mixmyai {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def setting(self, name: str) -> str:
        for line in (self.state / "env").read_text().splitlines():
            key, _, value = line.removeprefix("export ").partition("=")
            if key == name:
                return value.strip("'")
        raise SystemExit(f"error: the fleet's env file has no {name}")

    def twin(self, path: str, body: dict[str, Any] | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.setting("ANTHROPIC_BASE_URL") + path, data=data)
        with urllib.request.urlopen(request, timeout=120) as answer:
            content: bytes = answer.read()
        return content

    def kill(self, name: str) -> bool:
        """Kills a process of the fleet, which its supervisor starts again; false: it does not run at present."""
        for process in json.loads((self.state / "processes.json").read_text()):
            if process["name"] == name:
                with suppress(ProcessLookupError):
                    os.kill(process["pid"], signal.SIGKILL)
                    return True
        return False

    def count(self, sql: str) -> int:
        """The one number that a statement gives."""
        return int(self.rows(sql)[0][0])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg2.connect(self.setting("DATABASE_URL")) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()


def distinct_tasks(count: int) -> Iterator[dict[str, Any]]:
    """The example backlog again and again, no two tasks alike: a repeated prompt would be found in the prompt cache."""
    lines = [line for line in Path("ops/examples/backlog.jsonl").read_text().splitlines() if line.strip()]
    for number in range(count):
        task = json.loads(lines[number % len(lines)])
        if number >= len(lines):
            task["title"] += f", case {number // len(lines) + 1}"
        yield task


def work(fleet: Fleet, options: argparse.Namespace) -> float:
    """Works the backlog off; seconds that it took."""
    backlog = "".join(json.dumps(task) + "\n" for task in distinct_tasks(options.tasks))
    behaviour: dict[str, Any] = {
        "latency_ms": [20, 120], "timeout_seconds": 3, "disconnect_billing": not options.no_disconnect_billing,
    }  # fmt: skip
    if not options.no_faults:
        behaviour["faults"] = FAULTS
    fleet.twin("/twin/control", behaviour)
    began = time.monotonic()
    ids = fleet.run("task", "submit", "-", text=backlog).split()
    print(f"{len(ids)} tasks handed in", file=sys.stderr)
    disturbed = options.no_faults
    while True:
        open_tasks = fleet.count(
            "SELECT count(*) FROM tasks WHERE workflow_state NOT IN ('completed', 'failed', 'cancelled')"
        )
        if open_tasks == 0:
            break
        if not disturbed and open_tasks < options.tasks * 2 // 3:
            disturbed = True
            disturb(fleet)
        print(f"{open_tasks} tasks are open", file=sys.stderr)
        time.sleep(2)
    return time.monotonic() - began


def disturb(fleet: Fleet) -> None:
    """A worker is killed, and a provider says for a moment that the credit is used up."""
    if not fleet.kill("worker-1"):
        raise SystemExit("error: worker-1 does not run")
    fleet.twin("/twin/control", {"faults": {**FAULTS, "quota_exhausted": 0.2}})
    time.sleep(QUOTA_SECONDS)
    fleet.twin("/twin/control", {"faults": FAULTS})


class Books:
    """The fleet's ledger and the twin's bill, call by call."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.wrong: list[str] = []
        self.ledger: dict[str, LedgerCall] = {}
        #: Attempts that were given up, and what each counts for.
        self.lost: dict[str, int] = {}
        for step, attempt, number, basis, outcome, cost, hold in fleet.rows(
            "SELECT step_id, attempt, call_number, cost_basis, outcome, (cost_usd * 1000000)::int8, "
            "(coalesce(hold_usd, 0) * 1000000)::int8 FROM ai_api_usage"
        ):
            if number != 0:
                key = f"step-{step}-{attempt}-{number}"
                self.ledger[key] = LedgerCall(basis, outcome, cost, cost if cost is not None else hold)
            elif outcome == "lost":
                self.lost[f"step-{step}-{attempt}"] = hold
        self.lines = [json.loads(line) for line in fleet.twin("/twin/bill").splitlines() if line.strip()]
        self.bill: dict[str, dict[str, Any]] = {}

    def compare(self) -> None:
        """Notes what does not agree about a call or an attempt."""
        for line in self.lines:
            key = line["idempotency_key"]
            if key in self.bill:
                self.wrong.append(f"{key} is on the bill twice")
            self.bill[key] = line
            self._compare(key, line)
        for key, call in self.ledger.items():
            if key not in self.bill:
                self.wrong.append(f"{key}: in the ledger ({call.outcome}), not on the bill")
        for attempt, hold in self.lost.items():
            paid = sum(line["micro_usd"] for key, line in self.bill.items() if attempt_of(key) == attempt)
            if paid > hold:
                self.wrong.append(
                    f"{attempt}: {paid} were paid for a lost attempt that counts for at most {hold}"
                )

    def _compare(self, key: str, line: dict[str, Any]) -> None:
        call = self.ledger.get(key)
        if call is None:
            if attempt_of(key) not in self.lost:
                self.wrong.append(f"{key}: on the bill ({line['why']}, {line['micro_usd']}), not in the ledger")
        elif call.basis in ("reported", "none") and call.proved != line["micro_usd"]:
            self.wrong.append(f"{key}: ledger {call.proved} ({call.basis}, {call.outcome}), bill {line}")
        elif not (call.proved or 0) <= line["micro_usd"] <= call.at_most:
            self.wrong.append(
                f"{key}: bill {line['micro_usd']} is not within {call.proved or 0} and {call.at_most}"
            )

    def sums(self) -> dict[str, float]:
        """In millionths of a dollar; notes where they do not agree."""
        total = sum(line["micro_usd"] for line in self.lines)
        proved = sum(call.proved or 0 for call in self.ledger.values())
        at_most = sum(call.at_most for call in self.ledger.values()) + sum(self.lost.values())
        estimates = self.fleet.rows("SELECT (coalesce(sum(estimate_usd), 0) * 1000000)::int8 FROM ai_api_usage")[0][0]
        reported = sum(
            line["micro_usd"] for key, line in self.bill.items()
            if key in self.ledger and self.ledger[key].proved is not None
        )
        if reported != proved:
            self.wrong.append(
                f"of the calls whose usage was reported the bill says {reported}, the ledger {proved}"
            )
        if not proved <= total <= at_most:
            self.wrong.append(f"the bill of {total} is not within {proved} and {at_most}")
        return {
            "bill": total, "proved": proved, "expected": proved + estimates, "at_most": at_most,
            "bill_of_reported": reported,
        }


def attempt_of(key: str) -> str:
    """The attempt that a call's idempotency key belongs to."""
    return key.rsplit("-", 1)[0]


def compare(fleet: Fleet, options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Sums, and what does not agree."""
    books = Books(fleet)
    books.compare()
    sums = books.sums()
    bases = Counter(call.basis for call in books.ledger.values())
    statuses = {str(status): int(count) for status, count in fleet.rows(
        "SELECT status, count(*) FROM tasks GROUP BY status")}  # fmt: skip
    summary = {
        "tasks": options.tasks, "statuses": statuses, "calls": len(books.lines), "ledger_by_basis": dict(bases),
        "lost_attempts": len(books.lost), "cache_mode": options.cache_mode, "disagreements": len(books.wrong),
        **{f"{name}_usd": value / 1e6 for name, value in sums.items()},
        **{
            name: sum(line[name] for line in books.lines)
            for name in ("cache_write_tokens", "cache_read_tokens", "uncached_input_tokens", "output_tokens")
        },
    }
    return summary, books.wrong


@contextmanager
def private_fleet(options: argparse.Namespace) -> Iterator[Fleet]:
    """A fleet in a temporary folder, up until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="mixmyai-trial-") as name:
        folder = Path(name)
        # PostgreSQL runs as another user when we are root.
        folder.chmod(0o711)
        fleet = Fleet(options, folder)
        try:
            fleet.run("up", "--workers", str(options.workers), "--provider", "twin", "--detach")
            yield fleet
        finally:
            fleet.run("down", "--purge")


def main() -> None:
    options = arguments()
    with private_fleet(options) as fleet:
        seconds = work(fleet, options)
        summary, wrong = compare(fleet, options)
    for line in wrong[:20]:
        print(f"wrong: {line}", file=sys.stderr)
    summary["seconds"] = round(seconds)
    print(json.dumps(summary))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
