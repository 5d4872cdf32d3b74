"""What a run costs: processor time, commits, statements, round trips, write-ahead log."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass

from . import processes
from .servers import Servers, Space


@dataclass
class Sample:
    """Counters at one moment."""

    time: float
    cpu: dict[str, float]
    commits: int
    wal_bytes: int
    wal_full_pages: int
    segments: dict[str, int]


class Sampler:
    """Reads the counters of servers and of a run's processes."""

    def __init__(self, servers: Servers, space: Space, own: dict[str, int]) -> None:
        self._pids = servers.pids() | own
        self._port = servers.postgres_port()
        self._space = space

    def sample(self) -> Sample:
        """The counters now; backends report theirs within a second of rest, so ask for a rest first."""
        with self._space.connection() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, wal_fpi, xact_commit FROM pg_stat_wal, pg_stat_database "
                "WHERE datname = current_database()")
            wal, pages, commits = cursor.fetchone()
        return Sample(
            time.monotonic(), {name: processes.cpu_seconds(pid) for name, pid in self._pids.items()}, int(commits),
            int(wal), int(pages), self._segments())

    def _segments(self) -> dict[str, int]:
        """Data segments that clients have sent to PostgreSQL, by socket: one for each batch of statements of up to
        64 KB, so round trips and a few more."""
        text = subprocess.run(
            ["ss", "-tinOH", "dport", "=", f":{self._port}"], capture_output=True, text=True, check=True).stdout
        found: dict[str, int] = {}
        for line in text.splitlines():
            segments = re.search(r"data_segs_out:(\d+)", line)
            fields = line.split()
            if segments and len(fields) > 4:
                found[fields[3]] = int(segments.group(1))
        return found


def segments_between(before: Sample, after: Sample) -> int:
    """Segments sent on sockets that were there all the time."""
    return sum(after.segments[socket] - count for socket, count in before.segments.items() if socket in after.segments)
