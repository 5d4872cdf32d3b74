"""ops/chaos, without what the shell does better."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from .catalogue import CATALOGUE
from .chaos import run_chaos, run_recovery
from .options import Options
from .recovery import RECOVERIES
from .stack import PROGRAMS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/chaos", description="Real faults against a private stack.")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long faults come (default 5)")
    parser.add_argument("--seed", type=int, help="repeats a run's faults (default: a new one, printed)")
    parser.add_argument("--workers", type=int, default=3, help="worker processes (default 3)")
    parser.add_argument("--faults", default="", help="only these, separated by commas; a prefix ending in * is allowed")
    parser.add_argument("--concurrency", type=int, default=20, help="calls in flight of a model, at most (default 20)")
    parser.add_argument(
        "--latency-ms", default="200-1000", metavar="A-B", help="how long the twin takes to answer (default 200-1000)"
    )
    parser.add_argument(
        "--recovery", nargs="?", const="*", metavar="NAMES",
        help="measure recovery times instead: all of them, or these",
    )
    parser.add_argument("--rounds", type=int, default=5, help="with --recovery: how often each (default 5)")
    parser.add_argument("--list", action="store_true", help="list the faults and the measurements")
    parser.add_argument("--keep", action="store_true", help="keep the stack's folder")
    parser.add_argument("--programs", type=Path, help="folder of built programs; without it they are built")
    return parser.parse_args()


def selected(text: str, kind: str, known: Iterable[str]) -> list[str]:
    """The names that a list of names and prefixes stands for."""
    known = list(known)
    names: list[str] = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        matching = [name for name in known if name == part or (part.endswith("*") and name.startswith(part[:-1]))]
        if not matching:
            sys.exit(f"error: there is no {kind} '{part}'; ops/chaos --list shows them")
        names += [name for name in matching if name not in names]
    return names or known


def latency(text: str) -> tuple[int, int]:
    """Two whole numbers, A-B or A."""
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal() or int(first) > int(last or first):
        sys.exit(f"error: --latency-ms '{text}' is not A-B")
    return int(first), int(last or first)


def main() -> int:
    given = arguments()
    if given.list:
        for name, kind in CATALOGUE.items():
            print(f"{name:26} {kind.summary}")
        print("\nwith --recovery:")
        for name, summary in RECOVERIES.items():
            print(f"{name:26} {summary}")
        return 0
    if given.programs is None:
        sys.exit("error: --programs is missing; ops/chaos sets it")
    if given.minutes <= 0 or not 1 <= given.workers <= 16:
        sys.exit("error: --minutes must be above 0, --workers 1 to 16")
    if given.rounds < 1 or given.concurrency < 1:
        sys.exit("error: --rounds and --concurrency must be above 0")
    if missing := [name for name in ["mixmyai", *PROGRAMS] if not (given.programs / name).is_file()]:
        sys.exit(f"error: {given.programs} has no {', '.join(missing)}")
    options = Options(
        seed=random.SystemRandom().randrange(10**6) if given.seed is None else given.seed, minutes=given.minutes,
        workers=given.workers, faults=selected(given.faults, "fault", CATALOGUE),
        recoveries=[] if given.recovery is None else selected(given.recovery, "measurement", RECOVERIES),
        rounds=given.rounds, keep=given.keep, concurrency=given.concurrency, latency=latency(given.latency_ms),
        programs=given.programs,
        backlog=Path(__file__).parent.parent / "examples" / "backlog.jsonl",
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    return run_recovery(options) if options.recoveries else run_chaos(options)


if __name__ == "__main__":
    sys.exit(main())
