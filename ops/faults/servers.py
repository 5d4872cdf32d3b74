"""What the harness itself asks the servers, past the proxies: rows, queues, Redis, and the twin's behaviour."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

import psycopg2
import psycopg2.extensions

from .stack import Stack

APPLICATION = "mixmyai-chaos"
Row = tuple[Any, ...]


class Database:
    """The fleet's database. One connection for all threads, made again when it was lost."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._lock = threading.Lock()
        self._connection: psycopg2.extensions.connection | None = None

    def connect(self, timeout: int = 3) -> psycopg2.extensions.connection:
        """A connection of its own, in autocommit; the URL holds the password and goes nowhere else."""
        connection = psycopg2.connect(
            self._stack.setting("DATABASE_URL"), connect_timeout=timeout, application_name=APPLICATION,
            options="-c statement_timeout=60000",
        )
        connection.autocommit = True
        return connection

    def rows(self, sql: str, parameters: Sequence[Any] = (), patience: float = 0.0) -> list[Row]:
        """Runs one statement; tries again for a while if the database is away."""
        deadline = time.monotonic() + patience
        while True:
            try:
                with self._lock:
                    if self._connection is None:
                        self._connection = self.connect()
                    with self._connection.cursor() as cursor:
                        cursor.execute(sql, parameters or None)
                        return cursor.fetchall() if cursor.description else []
            except psycopg2.Error:
                self._drop()
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.1)

    def value(self, sql: str, parameters: Sequence[Any] = (), patience: float = 0.0) -> Any:
        """The first column of the first row."""
        return self.rows(sql, parameters, patience)[0][0]

    def _drop(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def accepts(self) -> bool:
        """Whether a new connection is answered now."""
        try:
            connection = self.connect(timeout=2)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.close()
            return True
        except psycopg2.Error:
            return False


class Broker:
    """RabbitMQ through its management API."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def queues(self) -> list[dict[str, Any]]:
        """Every queue with its counts."""
        address = urllib.parse.urlsplit(self._stack.setting("RABBITMQ_MANAGEMENT_URL"))
        login = base64.b64encode(f"{address.username}:{address.password}".encode()).decode()
        request = urllib.request.Request(
            f"http://{address.hostname}:{address.port}/api/queues?disable_stats=true&enable_queue_totals=true",
            headers={"Authorization": f"Basic {login}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            queues: list[dict[str, Any]] = json.load(answer)
        return queues

    def accepts(self) -> bool:
        """Whether a new connection is greeted now."""
        try:
            with socket.create_connection(("127.0.0.1", self._stack.port("broker")), timeout=1) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


class Redis:
    """Redis, one command per connection."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def command(self, *words: str, timeout: float = 2) -> bytes:
        """Logs in, runs a command, and returns the raw answer."""
        password = urllib.parse.urlsplit(self._stack.setting("REDIS_URL")).password or ""
        with socket.create_connection(("127.0.0.1", self._stack.port("redis")), timeout=timeout) as connection:
            stream = connection.makefile("rb")
            answer = b""
            for line in (("AUTH", password), words):
                parts = [f"*{len(line)}\r\n"] + [f"${len(word.encode())}\r\n{word}\r\n" for word in line]
                connection.sendall("".join(parts).encode())
                answer = stream.readline()
            return answer

    def accepts(self) -> bool:
        """Whether a command is answered now."""
        try:
            return self.command("PING").startswith(b"+PONG")
        except OSError:
            return False


class Twin:
    """The provider twin's own interface."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def control(self, changes: dict[str, Any]) -> None:
        """Changes the twin's behaviour until it is changed again or restarted."""
        self._ask("/twin/control", json.dumps(changes).encode())

    def stats(self) -> dict[str, Any]:
        """The twin's counters since it was started."""
        return self._ask("/twin/stats")

    def _ask(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._stack.port('twin')}{path}", data=body,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
        document: dict[str, Any] = json.loads(text) if text.strip() else {}
        return document
