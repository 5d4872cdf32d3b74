"""A run of random faults, and the verdict."""

from __future__ import annotations

from .catalogue import CATALOGUE
from .checker import check
from .options import Options
from .recovery import Recovery
from .report import counts, print_recovery, print_report
from .runner import Runner
from .schedule import make_schedule
from .session import Session
from .standstills import standstills


def run_chaos(options: Options) -> int:
    """Exit status 0 only without violations and without faults that could not be injected or healed."""
    kinds = [CATALOGUE[name] for name in options.faults]
    with Session(options, wants_small_volume="database-disk-full" in options.faults) as session:
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
        print_report(options.seed, options.minutes, runner.outcomes, counts(evidence), violations)
        for violation in violations:
            session.journal.say(f"VIOLATION {violation}", ids=violation.ids)
    return 1 if violations or any(outcome.error for outcome in runner.outcomes) else 0


def run_recovery(options: Options) -> int:
    """Exit status 0 if everything that was measured happened in time."""
    with Session(options, wants_small_volume=False, has_limits=False) as session:
        recovery = Recovery(session.world, session.journal, options.rounds)
        recovery.run()
        session.load.finish()
        return print_recovery(recovery.measurements)
