"""Starts a peer, gives it tasks, and waits until all have run."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import psycopg2.extensions

from .. import processes
from ..processes import Process
from ..servers import Space
from . import work

_FOLDER = str(Path(__file__).resolve().parents[2])
_WARM_UP = 64


@dataclass(frozen=True)
class Peer:
    """How a peer's worker is started: for calls that take no time, and for calls that wait."""

    module: str
    worker: Sequence[str]
    worker_for_waits: Sequence[str]
    copies: int = 1
    stores_results: bool = False


def _celery(pool: str, concurrency: int) -> Sequence[str]:
    return (
        "-m",
        "celery",
        "-A",
        "harness.peers.celery_app",
        "worker",
        "--concurrency",
        str(concurrency),
        "--pool",
        pool,
        "--loglevel",
        "error",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    )


def _dramatiq(threads: int) -> Sequence[str]:
    return ("-m", "dramatiq", "harness.peers.dramatiq_app", "--processes", "2", "--threads", str(threads))


_FASTSTREAM = ("-m", "harness.peers.faststream_app", "worker")

# Threads would open a database connection for each result: Celery pools connections only in forked processes.
PEERS = {
    "celery": Peer("celery_app", _celery("prefork", 2), _celery("prefork", 8), stores_results=True),
    "celery_no_results": Peer("celery_app", _celery("prefork", 2), _celery("threads", 64)),
    "dramatiq": Peer("dramatiq_app", _dramatiq(8), _dramatiq(32)),
    "faststream": Peer("faststream_app", _FASTSTREAM, _FASTSTREAM, copies=2),
}


def tasks_per_second(name: str, space: Space, scratch: Path, tasks: int, call_ms: int) -> float:
    """Enqueues tasks while the peer works them off; from the first send to the last result."""
    peer = PEERS[name]
    with (
        tempfile.TemporaryDirectory(dir=scratch) as counts,
        _running(name, peer, space, scratch, counts, call_ms) as workers,
    ):
        environment = _environment(peer, space, counts)
        sender = [sys.executable, "-m", f"harness.peers.{peer.module}"]
        with _Progress(peer, space, Path(counts)) as progress:
            processes.run([*sender, str(_WARM_UP), "0"], environment, 60)
            processes.wait_until(lambda: progress.count() >= _WARM_UP, 60, f"the start of {name}", workers)
            # The interpreter's start is not the peer's work: the clock starts when the first task arrives.
            process = Process(f"{name}-send", [*sender, str(tasks), str(call_ms)], environment, scratch / "send.log")
            try:
                processes.wait_until(
                    lambda: progress.count() > _WARM_UP, 60, f"the first task of {name}", workers, 0.001
                )
                start = time.monotonic()
                first = progress.count()
                processes.wait_until(
                    lambda: progress.count() >= _WARM_UP + tasks, 300, f"the tasks of {name}", workers, 0.01)
                seconds = time.monotonic() - start
                process.wait(30)
            finally:
                process.stop()
    return (_WARM_UP + tasks - first) / seconds


class _Progress:
    """Tasks that are done: rows where results are stored, counted runs otherwise."""

    def __init__(self, peer: Peer, space: Space, counts: Path) -> None:
        self._peer = peer
        self._space = space
        self._counts = counts
        self._connection: psycopg2.extensions.connection | None = None

    def __enter__(self) -> _Progress:
        if self._peer.stores_results:
            connection = psycopg2.connect(self._space.database_url)
            connection.autocommit = True
            self._connection = connection
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def count(self) -> int:
        """Tasks done so far."""
        runs = work.counted(self._counts)
        if self._connection is None or runs == 0:
            return runs
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM celery_taskmeta WHERE status = 'SUCCESS'")
            return int(cursor.fetchone()[0])


def _environment(peer: Peer, space: Space, counts: str) -> dict[str, str]:
    return space.environment() | {
        "PYTHONPATH": _FOLDER, "BENCH_COUNTS": counts, "BENCH_RESULTS": "1" if peer.stores_results else "0"}


@contextmanager
def _running(
    name: str, peer: Peer, space: Space, scratch: Path, counts: str, call_ms: int
) -> Iterator[list[Process]]:
    arguments = [sys.executable, *(peer.worker_for_waits if call_ms else peer.worker)]
    workers: list[Process] = []
    try:
        for number in range(peer.copies):
            workers.append(
                Process(
                    f"{name}-{number}", arguments, _environment(peer, space, counts), scratch / f"{name}-{number}.log"
                )
            )
        yield workers
    finally:
        for worker in workers:
            worker.stop(10)
