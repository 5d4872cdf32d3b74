"""The broker's clients: ours, and the C floor."""

from __future__ import annotations

import time
from pathlib import Path

from .. import processes
from ..context import Context
from ..processes import Process
from ..results import Value

_QUEUE = "bench.transport"


def transport(context: Context) -> list[Value]:
    """Publish and confirm, then consume and acknowledge: the C program and AMQPClient by turns on the same queue."""
    messages = str(context.size(20_000, 60_000))
    bench, floor = context.programs.folder / "fleet-bench", context.programs.floor / "transport"
    with context.servers.space("transport") as space:
        environment = space.environment()

        def rate(arguments: list[str], program: Path) -> float:
            return int(messages) / float(processes.run([program, *arguments], environment, 120).strip())

        return [
            Value("c_floor", "publish_per_second", rate(["publish", _QUEUE, messages, "512", "1000"], floor)),
            Value("c_floor", "consume_per_second", rate(["consume", _QUEUE, messages, "100"], floor)),
            Value(
                "mixmyai",
                "publish_per_second",
                rate(
                    ["publish", "--queue", _QUEUE, "--messages", messages, "--size", "512", "--window", "1000"], bench
                ),
            ),
            Value(
                "mixmyai",
                "consume_per_second",
                rate(["consume", "--queue", _QUEUE, "--messages", messages, "--prefetch", "100"], bench),
            ),
        ]


def c_floor(context: Context) -> list[Value]:
    """Enqueue and run with nothing to run: publisher and consumer side by side."""
    messages = context.size(20_000, 60_000)
    program = context.programs.floor / "transport"
    with context.servers.space("floor") as space:
        consumer = Process(
            "floor-consume", [program, "consume", _QUEUE, str(messages), "100"], space.environment(),
            context.scratch / "floor.log")
        try:
            time.sleep(0.5)
            start = time.monotonic()
            processes.run([program, "publish", _QUEUE, str(messages), "512", "1000"], space.environment(), 120)
            consumer.wait(60)
            seconds = time.monotonic() - start
        finally:
            consumer.stop()
    return [Value("c_floor", "durable_steps_per_second", messages / seconds)]
