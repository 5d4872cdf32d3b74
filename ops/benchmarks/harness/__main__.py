"""Runs the measures round by round and writes what came of them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import machine, report
from .context import Context
from .fleet import ROOT, Programs
from .measures import backlog, calls, latency, limits, throughput, transport
from .results import Results, Value, write_json
from .servers import Servers


@dataclass(frozen=True)
class Measure:
    """A measure by its name for `--only`; `once`: too long for every round."""

    run: Callable[[Context], list[Value]]
    in_quick: bool = True
    once: bool = False
    once_if_quick: bool = False


# In the order of a round: what is compared stands side by side.
_ALL = {
    "fleet": Measure(throughput.fleet_no_op),
    "celery": Measure(throughput.peer("celery", 500, 2_000, 0)),
    "celery_no_results": Measure(throughput.peer("celery_no_results", 1_500, 6_000, 0)),
    "dramatiq": Measure(throughput.peer("dramatiq", 4_000, 20_000, 0)),
    "faststream": Measure(throughput.peer("faststream", 4_000, 20_000, 0)),
    "floor": Measure(transport.c_floor),
    "fleet_10ms": Measure(throughput.fleet_10ms),
    "celery_10ms": Measure(throughput.peer("celery", 500, 2_000, 10)),
    "celery_no_results_10ms": Measure(throughput.peer("celery_no_results", 1_500, 6_000, 10)),
    "dramatiq_10ms": Measure(throughput.peer("dramatiq", 3_000, 10_000, 10)),
    "faststream_10ms": Measure(throughput.peer("faststream", 3_000, 10_000, 10)),
    "transport": Measure(transport.transport),
    "latency_idle": Measure(latency.idle),
    "latency_half_load": Measure(latency.half_load),
    "calls": Measure(calls.calls),
    "memory": Measure(calls.memory, once_if_quick=True),
    "backlog": Measure(backlog.backlog, once_if_quick=True),
    "limits": Measure(limits.limits, in_quick=False, once=True),
}


def main() -> int:
    """The command behind ops/bench."""
    parser = argparse.ArgumentParser(prog="ops/bench", description="Measures the fleet and its peers on this machine.")
    parser.add_argument("--quick", action="store_true", help="less work, no limits: under 15 minutes")
    parser.add_argument(
        "--json", type=Path, default=ROOT / ".build" / "bench" / "results.json", help="where the JSON goes"
    )
    parser.add_argument("--only", default="", metavar="NAME,...", help=f"of {', '.join(_ALL)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured")
    parser.add_argument("--publish", action="store_true", help="write ops/benchmarks/RESULTS.md and its plot")
    options = parser.parse_args()
    names = [name for name in options.only.split(",") if name] or list(_ALL)
    if unknown := [name for name in names if name not in _ALL]:
        parser.error(f"--only: {', '.join(unknown)}: allowed are {', '.join(_ALL)}")
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    measures = {name: _ALL[name] for name in _ALL if name in names and (not options.quick or _ALL[name].in_quick)}

    servers = Servers()
    results = Results()
    failures: list[str] = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fleet-bench-") as scratch:
        programs = Programs(Path(os.environ["BENCH_PROGRAMS"]), Path(os.environ["BENCH_FLOOR"]), Path(scratch))
        context = Context(servers, programs, results, options.quick)
        for number in range(options.rounds):
            for name, measure in measures.items():
                if number > 0 and (measure.once or (measure.once_if_quick and options.quick)):
                    continue
                failures += _run(name, measure, context, f"round {number + 1} of {options.rounds}")
    about = machine.about(servers, options.quick, options.rounds, time.monotonic() - begun, failures)
    rows = results.rows()
    write_json(options.json, rows, about)
    table = report.table(rows)
    print(table)
    plot = report.plot(rows)
    (options.json.parent / (options.json.stem + ".svg")).write_text(plot)
    if options.publish:
        report.publish(ROOT / "ops" / "benchmarks", table, plot, about)
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _run(name: str, measure: Measure, context: Context, round_name: str) -> list[str]:
    """One measure of one round; a failure is told and the others go on."""
    start = time.monotonic()
    try:
        values = measure.run(context)
    except Exception as error:  # whatever it is, the other measures still count
        traceback.print_exc()
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return [f"{name}, {round_name}: {lines[0]}"]
    context.results.add(values)
    shown = ", ".join(f"{value.system} {value.measure} {value.value:.4g}" for value in values)
    print(f"{round_name}, {name}, {time.monotonic() - start:.0f} s: {shown}", file=sys.stderr, flush=True)
    return []


if __name__ == "__main__":
    sys.exit(main())
