"""ops/chaos, without what the shell does better."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from pathlib import Path

from .catalogue import CATALOGUE
from .chaos import run_chaos, run_recovery
from .options import Options
from .stack import PROGRAMS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/chaos", description="Real faults against a private stack.")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long faults come (default 5)")
    parser.add_argument("--seed", type=int, help="repeats a run's faults (default: a new one, printed)")
    parser.add_argument("--workers", type=int, default=3, help="worker processes (default 3)")
    parser.add_argument("--faults", default="", help="only these, separated by commas; a prefix ending in * is allowed")
    parser.add_argument("--recovery", action="store_true", help="measure recovery times instead")
    parser.add_argument("--rounds", type=int, default=5, help="with --recovery: how often each (default 5)")
    parser.add_argument("--list", action="store_true", help="list the faults")
    parser.add_argument("--keep", action="store_true", help="keep the stack's folder")
    parser.add_argument("--programs", type=Path, help="folder of built programs; without it they are built")
    return parser.parse_args()


def selected(text: str) -> list[str]:
    """The names that a list of names and prefixes stands for."""
    names: list[str] = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        matching = [name for name in CATALOGUE if name == part or (part.endswith("*") and name.startswith(part[:-1]))]
        if not matching:
            sys.exit(f"error: there is no fault '{part}'; ops/chaos --list shows them")
        names += [name for name in matching if name not in names]
    return names or list(CATALOGUE)


def main() -> int:
    given = arguments()
    if given.list:
        for name, kind in CATALOGUE.items():
            print(f"{name:26} {kind.summary}")
        return 0
    if given.programs is None:
        sys.exit("error: --programs is missing; ops/chaos sets it")
    if given.minutes <= 0 or not 1 <= given.workers <= 16:
        sys.exit("error: --minutes must be above 0, --workers 1 to 16")
    if missing := [name for name in ["mixmyai", *PROGRAMS] if not (given.programs / name).is_file()]:
        sys.exit(f"error: {given.programs} has no {', '.join(missing)}")
    options = Options(
        seed=random.SystemRandom().randrange(10**6) if given.seed is None else given.seed, minutes=given.minutes,
        workers=given.workers, faults=selected(given.faults), rounds=given.rounds, keep=given.keep,
        programs=given.programs,
        backlog=Path(__file__).parent.parent / "examples" / "backlog.jsonl",
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    return run_recovery(options) if given.recovery else run_chaos(options)


if __name__ == "__main__":
    sys.exit(main())
