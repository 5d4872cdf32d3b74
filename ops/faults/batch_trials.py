"""Trials of ops/poison on batches: the breaker stops a batch before its money is spent, and a pilot outlives kills."""

from __future__ import annotations

import time

from .books import Fleet
from .trial import MARK, Outcome, backlog, ended, kill, say, statuses, wait

BROKEN = "broken"
PILOT = "pilot"
SAMPLE = 20


def breaker(fleet: Fleet, outcome: Outcome) -> None:
    """Half of a batch fails alike: it is paused, and after the cause is mended it goes on and completes."""
    count = 400
    fleet.twin("/twin/control", {"flagged_text": MARK})
    fleet.run("task", "submit", "-", "--batch", BROKEN, text=backlog(count, BROKEN, every=2))
    say(f"{count} tasks of '{BROKEN}' handed in, every second one cannot be answered")
    wait("the breaker", lambda: is_held(fleet, BROKEN), 180)
    kill(fleet, "scheduler")
    # What runs finishes; then nothing moves.
    wait("the end of what was at work", lambda: running(fleet, BROKEN) == 0, 180)
    calls = called(fleet, BROKEN)
    time.sleep(3)
    at_pause = statuses(fleet, BROKEN)
    outcome.figures["breaker"] = {"tasks": count, "at_the_pause": dict(at_pause), "calls": calls}
    outcome.expect(called(fleet, BROKEN) == calls, "calls were made for a batch that its breaker has paused")
    outcome.expect(at_pause["completed"] < count // 2, f"the breaker let {dict(at_pause)} of {count} tasks through")
    fleet.twin("/twin/control", {"flagged_text": None})
    fleet.run("batch", "resume", BROKEN)
    wait("the rest of the batch", lambda: ended(statuses(fleet, BROKEN)) == count, 300)
    fleet.run("batch", "retry", BROKEN, "--no-input", "--detach")
    wait("the retry of what had failed", lambda: statuses(fleet, BROKEN)["completed"] == count, 300)


def pilot(fleet: Fleet, outcome: Outcome) -> None:
    """A sample goes first, the scheduler and a worker are killed meanwhile, and nothing else begins before its end."""
    count = 120
    fleet.run(
        "task", "submit", "-", "--batch", PILOT, "--pilot", str(SAMPLE), "--pilot-failures", "0.1",
        text=backlog(count, PILOT),
    )  # fmt: skip
    say(f"{count} tasks of '{PILOT}' handed in, {SAMPLE} of them go first")
    wait("the pilot's sample", lambda: sampled(fleet) == SAMPLE, 60)
    kill(fleet, "scheduler")
    kill(fleet, "worker-1")
    wait("the batch behind its pilot", lambda: statuses(fleet, PILOT)["completed"] == count, 300)
    too_early = fleet.count(
        "SELECT count(*) FROM steps s JOIN tasks t USING (task_id) JOIN batches b USING (batch_id) "
        f"WHERE b.name = '{PILOT}' AND NOT t.is_pilot AND s.started_at < (SELECT max(completed_at) FROM tasks p "
        "WHERE p.batch_id = t.batch_id AND p.is_pilot)"
    )
    outcome.figures["pilot"] = {"tasks": count, "sample": sampled(fleet), "steps_before_its_end": too_early}
    outcome.expect(too_early == 0, f"{too_early} steps began before the pilot had ended")
    outcome.expect(sampled(fleet) == SAMPLE, f"the pilot has {sampled(fleet)} tasks instead of {SAMPLE}")


def is_held(fleet: Fleet, batch: str) -> bool:
    """Whether a pause covers the batch."""
    return fleet.count(
        "SELECT count(*) FROM holds h JOIN batches b ON h.scope = 'batch' AND h.subject = b.batch_id "
        f"WHERE b.name = '{batch}'"
    ) > 0


def running(fleet: Fleet, batch: str) -> int:
    """Steps of the batch that a worker is at work on."""
    return fleet.count(
        "SELECT count(*) FROM steps s JOIN tasks t USING (task_id) JOIN batches b USING (batch_id) "
        f"WHERE b.name = '{batch}' AND s.state = 'running'"
    )


def called(fleet: Fleet, batch: str) -> int:
    """Calls for the batch in the ledger."""
    return fleet.count(
        "SELECT count(*) FROM ai_api_usage u JOIN tasks t USING (task_id) JOIN batches b USING (batch_id) "
        f"WHERE b.name = '{batch}'"
    )


def sampled(fleet: Fleet) -> int:
    """Tasks of the pilot."""
    return fleet.count(
        "SELECT count(*) FROM tasks t JOIN batches b USING (batch_id) "
        f"WHERE b.name = '{PILOT}' AND t.is_pilot"
    )
