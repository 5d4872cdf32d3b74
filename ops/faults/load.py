"""Hands in tasks all the time, so that the fleet is busy, and remembers exactly what was promised."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
import urllib.parse
from pathlib import Path

import psycopg2

from .servers import Database
from .stack import Stack

BATCH = 8
TIMEOUT = 10.0
OPEN_STATES = "workflow_state NOT IN ('completed', 'failed', 'cancelled')"


class Load(threading.Thread):
    """A client of the gateway that keeps a number of tasks open.

    A line that was answered with a task id is acknowledged: its task must exist. A line whose answer did not come, or
    that was refused with an error of the server, is ambiguous: its task may exist or not.
    """

    def __init__(self, stack: Stack, database: Database, backlog: Path, open_tasks: int) -> None:
        super().__init__(name="load", daemon=True)
        self.acknowledged: dict[str, float] = {}
        self.ambiguous = 0
        self.unsent = 0
        self._stack = stack
        self._database = database
        self._open_tasks = open_tasks
        lines = [line for line in backlog.read_bytes().splitlines() if line.strip()]
        self._lines = itertools.cycle(lines)
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.is_set():
            missing = self._open_tasks - self._open()
            if missing > 0:
                self._submit(min(missing, BATCH))
            self._end.wait(0.05 if missing > BATCH else 0.3)

    def finish(self) -> None:
        """Hands in no more, and returns when the last answer was read."""
        self._end.set()
        self.join(TIMEOUT * 3)

    def _open(self) -> int:
        try:
            return int(self._database.value(f"SELECT count(*) FROM tasks WHERE {OPEN_STATES}"))
        except psycopg2.Error:
            # Without the database nothing can be handed in: the gateway would refuse.
            time.sleep(0.3)
            return self._open_tasks - 1

    def _submit(self, count: int) -> None:
        address = urllib.parse.urlsplit(self._stack.setting("MIXMYAI_API_URL"))
        body = b"\n".join(itertools.islice(self._lines, count)) + b"\n"
        headers = {
            "Content-Type": "application/x-ndjson", "X-API-Key": self._stack.setting("MIXMYAI_API_KEY"),
        }
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=TIMEOUT)
        try:
            connection.connect()
        except OSError:
            self.unsent += count
            time.sleep(0.2)
            return
        answered = 0
        try:
            connection.request("POST", "/api/v1/tasks:batch", body, headers)
            answer = connection.getresponse()
            for line in answer:
                document = json.loads(line)
                if "task_id" in document:
                    self.acknowledged[document["task_id"]] = time.time()
                    answered += 1
        except (OSError, ValueError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        self.ambiguous += count - answered
        if answered < count:
            time.sleep(0.2)
