"""This fleet in a space: the shipped scheduler, and workers with a model that answers by itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2.extensions

from . import processes
from .processes import Process
from .servers import Space

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Programs:
    """Where the built programs are, and where runs may write."""

    folder: Path
    floor: Path
    scratch: Path


@dataclass
class Fleet:
    """A running fleet."""

    programs: Programs
    space: Space
    scheduler: Process
    scheduler_port: int
    workers: list[Process] = field(default_factory=list)

    @property
    def processes(self) -> list[Process]:
        """All of its processes."""
        return [self.scheduler, *self.workers]

    def submit(self, tasks: int, *, batch: int = 100, rate: float = 0, log: Path | None = None) -> Process:
        """Starts to hand in tasks."""
        arguments: list[str | Path] = [
            self.programs.folder / "fleet-bench", "submit", "--tasks", str(tasks), "--batch", str(batch), "--rate",
            str(rate)]
        if log is not None:
            arguments += ["--log", log]
        return Process("submit", arguments, self.space.environment(), self.programs.scratch / "submit.log")

    def start_worker(
        self, *, slots: int = 256, call_ms: int = 0, plan: str = "graph", call_log: Path | None = None
    ) -> Process:
        """Starts a worker with a model that answers by itself."""
        name = f"worker-{len(self.workers) + 1}"
        arguments: list[str | Path] = [
            self.programs.folder / "fleet-bench", "worker", "--slots", str(slots), "--call-ms", str(call_ms), "--plan",
            plan, "--name", name]
        if call_log is not None:
            arguments += ["--call-log", call_log]
        worker = Process(name, arguments, environment(self.space), self.programs.scratch / f"{name}.log")
        self.workers.append(worker)
        return worker

    def wait_for_windows(self, slots: int) -> None:
        """Waits until the sweep has seen all workers and opened the queues' windows for them."""
        with self.progress() as progress:
            processes.wait_until(
                lambda: progress.count("SELECT coalesce(min(ticket_window), 0) FROM agent_queues") >= max(1, slots), 30,
                "the start of the fleet", self.processes)

    @contextmanager
    def working(self) -> Iterator[Process]:
        """A worker for a while."""
        worker = self.start_worker()
        try:
            yield worker
        finally:
            worker.stop()
            self.workers.remove(worker)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Counts what is done, over one connection."""
        with self.space.connection() as connection:
            yield Progress(connection)


class Progress:
    """How far the tasks are."""

    def __init__(self, connection: psycopg2.extensions.connection) -> None:
        self._connection = connection
        self.polls = 0

    def completed(self) -> int:
        """Tasks that have ended as they should."""
        return self.count("SELECT count(*) FROM tasks WHERE status = 'completed'")

    def count(self, statement: str) -> int:
        """What a statement counts."""
        self.polls += 1
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
        return int(row[0]) if row else 0


def environment(space: Space) -> dict[str, str]:
    """What the fleet's processes are told by."""
    agents = ROOT / "workers" / "agents"
    return space.environment() | {
        "MIXMYAI_AGENTS": str(agents / "agents.yaml"), "MIXMYAI_MODELS": str(agents / "models.yaml")}


def prepare(programs: Programs, space: Space) -> None:
    """Makes the tables, and sets no limit on calls: the limiter is asked all the same."""
    processes.run([programs.folder / "mixmyai", "migrate"], space.environment(), timeout=60)
    with space.connection() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO provider_limits (provider) VALUES ('openai'), ('anthropic')")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    programs: Programs, space: Space, *, workers: int = 1, slots: int = 256, call_ms: int = 0, plan: str = "graph",
    call_log: Path | None = None,
) -> Iterator[Fleet]:
    """A fleet that is ready to work; stopped at the end."""
    prepare(programs, space)
    port = free_port()
    fleet = Fleet(
        programs, space,
        Process(
            "scheduler", [programs.folder / "scheduler"], environment(space) | {"MIXMYAI_PROBE_PORT": str(port)},
            programs.scratch / "scheduler.log"), port)
    try:
        for _ in range(workers):
            fleet.start_worker(slots=slots, call_ms=call_ms, plan=plan, call_log=call_log)
        fleet.wait_for_windows(workers * slots)
        yield fleet
    finally:
        for process in reversed(fleet.processes):
            process.stop()
