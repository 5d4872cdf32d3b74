"""ops/poison: a backlog in which every tenth task cannot be answered, and what becomes of its dead letters.

First a clean backlog, for its pace; then one of which a part is stopped by the provider's moderation: each of those
has to become one dead letter, all with one fingerprint, while the others complete at the clean pace. Then the provider
is mended, one command has the letters tried again at a capped rate, and everything is killed once meanwhile. At the
end every task has completed, and ledger and bill agree call by call.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2

from . import batch_trials
from .books import Books, Fleet, private_fleet
from .trial import MARK, Outcome, backlog, ended, kill, say, statuses, wait

BATCH = "poisoned"
#: About fifteen calls each, and some for the trials of batches.
MOST_TASKS = 12_500
#: In this order, a moment apart: what carries the replay on first.
VICTIMS = ["scheduler", "worker-1", "postgres", "rabbitmq", "redis", "gateway", "worker-2", "scheduler"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/poison", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000, help="tasks of the poisoned backlog (default 1000)")
    parser.add_argument("--clean", type=int, default=300, help="tasks of the clean backlog before it (default 300)")
    parser.add_argument("--every", type=int, default=10, help="every so manieth task is poisoned (default 10)")
    parser.add_argument("--workers", type=int, default=3, help="worker processes, at least 2 (default 3)")
    parser.add_argument("--rate", type=int, default=0, help="replays per minute (default: a fifth of the letters)")
    parser.add_argument("--programs", type=Path, required=True, help="folder of built programs")
    options = parser.parse_args()
    if min(options.tasks, options.clean, options.every) < 1 or options.workers < 2:
        parser.error("--tasks, --clean and --every are at least 1, --workers at least 2")
    if options.tasks + options.clean > MOST_TASKS:
        parser.error(f"--tasks and --clean together are at most {MOST_TASKS}: the twin's bill keeps 200,000 calls")
    options.cache_mode = "explicit"
    return options


def run_backlog(fleet: Fleet, batch: str, text: str, count: int, good: int) -> float:
    """Works a backlog off; good tasks per second from the submission to the last end."""
    began = time.monotonic()
    fleet.run("task", "submit", "-", "--batch", batch, text=text)
    say(f"{count} tasks of '{batch}' handed in")
    last = [0.0]

    def is_done() -> bool:
        counts = statuses(fleet, batch)
        if time.monotonic() - last[0] > 15:
            last[0] = time.monotonic()
            say(f"{batch}: {dict(counts)}")
        return ended(counts) == count

    wait(f"the backlog '{batch}'", is_done, 60 + count * 1.0)
    return good / (time.monotonic() - began)


def letters(fleet: Fleet) -> list[dict[str, Any]]:
    """The groups of open dead letters, as `dlq list` shows them."""
    groups: list[dict[str, Any]] = json.loads(fleet.run("dlq", "list", "-o", "json"))
    return groups


def replay(fleet: Fleet, options: argparse.Namespace, group: dict[str, Any], outcome: Outcome) -> None:
    """Has a group of letters tried again and kills everything once meanwhile."""
    count = int(group["count"])
    rate = options.rate or max(count // 5, 60)
    fleet.run(
        "dlq", "replay", "--no-input", "--fingerprint", group["fingerprint"], "--rate", str(rate), "--canary",
        "--detach", "--reason", "the provider takes it now",
    )  # fmt: skip
    began = time.monotonic()
    victims = list(VICTIMS)
    pause = count / rate * 60 / (len(victims) + 1)

    def is_done() -> bool:
        if victims and time.monotonic() - began > pause * (len(VICTIMS) - len(victims) + 1):
            kill(fleet, victims.pop(0))
        try:
            return not victims and bool(
                fleet.rows("SELECT bool_and(state NOT IN ('running', 'paused')) FROM operations")[0][0]
            )
        except psycopg2.Error as error:
            say(f"the database does not answer ({type(error).__name__})")
            return False

    wait("the replay", is_done, 300 + 3 * count / rate * 60)
    outcome.figures["replay"] = {
        "letters": count, "rate_per_minute": rate, "seconds": round(time.monotonic() - began, 1), "killed": VICTIMS,
    }  # fmt: skip


def check_end(fleet: Fleet, options: argparse.Namespace, outcome: Outcome) -> None:
    """Every task completed, nothing twice, nothing unexplained."""
    counts = statuses(fleet, BATCH)
    outcome.figures["statuses"] = dict(counts)
    outcome.expect(counts["completed"] == options.tasks, f"of {options.tasks} tasks {dict(counts)}")
    outcome.expect(not letters(fleet), "there are open dead letters")
    states = fleet.rows("SELECT coalesce(resolution, 'open'), count(*) FROM dead_letters GROUP BY 1")
    outcome.figures["resolutions"] = {str(resolution): int(count) for resolution, count in states}
    # An attempt of a killed worker may have been paid for and is booked as lost: those apart, a step is answered once.
    twice = fleet.count(
        "SELECT count(*) FROM (SELECT step_id FROM ai_api_usage WHERE outcome = 'succeeded' "
        "GROUP BY step_id HAVING count(*) > 1) d"
    )
    outcome.expect(twice == 0, f"{twice} steps were answered twice")
    finals = fleet.count(
        "SELECT count(*) FROM (SELECT task_id FROM solutions WHERE solution_type = 'final' "
        "GROUP BY task_id HAVING count(*) > 1) d"
    )
    outcome.expect(finals == 0, f"{finals} tasks have two final solutions")


def poisoned_backlog(fleet: Fleet, options: argparse.Namespace) -> Outcome:
    """Letters, pace and replay."""
    outcome = Outcome()
    poisoned = options.tasks // options.every
    fleet.twin("/twin/control", {"latency_ms": [20, 120], "flagged_text": MARK})
    clean = run_backlog(fleet, "clean", backlog(options.clean, "clean"), options.clean, options.clean)
    good = options.tasks - poisoned
    pace = run_backlog(fleet, BATCH, backlog(options.tasks, BATCH, options.every), options.tasks, good)
    outcome.figures |= {"clean_tasks_per_second": round(clean, 2), "good_tasks_per_second": round(pace, 2)}
    outcome.expect(pace > 0.75 * clean, f"good tasks end at {pace:.2f} per second, clean ones at {clean:.2f}")
    counts = statuses(fleet, BATCH)
    outcome.expect(counts["completed"] == good, f"{good} tasks are good, the batch has {dict(counts)}")
    groups = letters(fleet)
    shown = ("fingerprint", "count", "error_code")
    outcome.figures["letters"] = [{key: group[key] for key in shown} for group in groups]
    outcome.expect(
        len(groups) == 1 and groups[0]["count"] == poisoned,
        f"{poisoned} tasks are poisoned, the letters are {groups}",
    )
    circuits = fleet.count(
        "SELECT count(*) FROM workers WHERE state = 'active' AND jsonb_array_length(coalesce(circuits, '[]')) > 0"
    )
    outcome.expect(circuits == 0, f"{circuits} workers have open circuits")
    if len(groups) == 1:
        fleet.twin("/twin/control", {"flagged_text": None})
        replay(fleet, options, groups[0], outcome)
        wait("the replayed tasks", lambda: ended(statuses(fleet, BATCH)) == options.tasks, 120)
        check_end(fleet, options, outcome)
    return outcome


def main() -> None:
    options = arguments()
    with private_fleet(options) as fleet:
        outcome = poisoned_backlog(fleet, options)
        batch_trials.breaker(fleet, outcome)
        batch_trials.pilot(fleet, outcome)
        books = Books(fleet)
        books.compare()
        outcome.figures |= {"calls": len(books.lines), "lost_attempts": len(books.lost)}
        outcome.wrong += books.wrong
    for line in outcome.wrong[:20]:
        say(f"wrong: {line}")
    outcome.figures |= {"tasks": options.tasks, "wrong": len(outcome.wrong)}
    print(json.dumps(outcome.figures))
    sys.exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    main()
