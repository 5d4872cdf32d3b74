"""A run of random faults, and the verdict."""

from __future__ import annotations

from dataclasses import replace

from .catalogue import CATALOGUE
from .checker import check
from .damage import unnoticed
from .flights import settings
from .measurement import Measurement
from .options import Options
from .recovery import Recovery
from .refill import WORKERS, Refills
from .report import print_recovery, print_report
from .runner import Runner
from .schedule import make_schedule
from .session import Session
from .standstills import standstills

#: The one measurement that needs a stack of its own.
REFILL = "worker-kill-calls"


def run_chaos(options: Options) -> int:
    """Exit status 0 only without violations, blind checks, and faults that could not be injected or healed."""
    kinds = [CATALOGUE[name] for name in options.faults]
    limits = settings(options.concurrency)
    with Session(options, limits, wants_small_volume="database-disk-full" in options.faults) as session:
        schedule = make_schedule(options.seed, options.minutes, kinds, session.stack.workers)
        session.journal.say(f"seed {options.seed}: {len(schedule)} faults in {options.minutes} minutes")
        for injection in schedule:
            session.journal.say(f"planned  {injection.at:6.1f}  {injection.fault.name}  {injection.fault.describe()}")
        runner = Runner(session.world, session.journal)
        runner.run(schedule, options.minutes)
        session.journal.say("no more faults; waiting until every task is finished")
        if not session.settle():
            session.journal.say("the fleet is stuck: tasks are open and nothing happens")
        evidence = session.evidence(runner.outcomes)
        violations = check(evidence)
        session.keep = session.keep or bool(violations)
        for line in standstills(evidence, runner.outcomes):
            session.journal.say(f"no claim for {line}")
        print_report(options.seed, options.minutes, evidence, violations)
        for violation in violations:
            session.journal.say(f"VIOLATION {violation}", ids=violation.ids)
        blind = unnoticed(session.world.database)
        for line in blind:
            session.journal.say(f"a check is blind: {line}")
    return 1 if violations or blind or any(outcome.error for outcome in runner.outcomes) else 0


def run_recovery(options: Options) -> int:
    """Exit status 0 if everything that was measured happened in time."""
    measurements: list[Measurement] = []
    if names := [name for name in options.recoveries if name != REFILL]:
        with Session(options, limits=[]) as session:
            recovery = Recovery(session.world, session.journal, options.rounds)
            recovery.run(names)
            session.load.finish()
            measurements += recovery.measurements
    if REFILL in options.recoveries:
        limits = settings(options.concurrency, has_windows=False)
        with Session(replace(options, workers=WORKERS), limits) as session:
            refills = Refills(session.world, session.journal, options.concurrency, options.rounds)
            refills.run()
            session.load.finish()
            measurements.append(refills.measurement)
    return print_recovery(measurements)
