"""The one set of private servers that everything runs against."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import socket
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions


@dataclass(frozen=True)
class Space:
    """A database and a virtual host of one run; nothing is left over from the run before."""

    database_url: str
    amqp_url: str
    redis_url: str
    vhost: str

    def environment(self) -> dict[str, str]:
        """What processes are told by."""
        return {"DATABASE_URL": self.database_url, "AMQP_URL": self.amqp_url, "REDIS_URL": self.redis_url}

    @contextmanager
    def connection(self) -> Iterator[psycopg2.extensions.connection]:
        """An autocommit connection to the run's database."""
        connection = psycopg2.connect(self.database_url)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()


class Servers:
    """Makes and drops spaces, and knows the servers' processes."""

    def __init__(self) -> None:
        self._database_url = os.environ["TEST_DATABASE_URL"]
        self._amqp_url = os.environ["TEST_AMQP_URL"]
        self._redis_url = os.environ["TEST_REDIS_URL"]
        self._management_url = urllib.parse.urlsplit(os.environ["TEST_RABBITMQ_MANAGEMENT_URL"])
        self._count = 0

    @contextmanager
    def space(self, purpose: str) -> Iterator[Space]:
        """A fresh space, dropped at the end; the write-ahead log starts every run behind a checkpoint."""
        self._count += 1
        name = f"bench_{purpose}_{self._count}"
        self._execute(f'CREATE DATABASE "{name}"')
        self._manage("PUT", f"/api/vhosts/{name}")
        self._flush_redis()
        self._execute("CHECKPOINT")
        database = urllib.parse.urlsplit(self._database_url)._replace(path=f"/{name}")
        amqp = urllib.parse.urlsplit(self._amqp_url)._replace(path=f"/{name}")
        try:
            yield Space(database.geturl(), amqp.geturl(), self._redis_url, name)
        finally:
            self._manage("DELETE", f"/api/vhosts/{name}")
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def versions(self) -> dict[str, str]:
        """Of the servers."""
        overview = self._manage("GET", "/api/overview")
        with psycopg2.connect(self._database_url) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            postgres = cursor.fetchone()
        redis = re.search(r"redis_version:(\S+)", self._redis("INFO", "server"))
        return {
            "PostgreSQL": str(postgres[0]).split()[0] if postgres else "?",
            "RabbitMQ": overview["rabbitmq_version"],
            "Redis": redis.group(1) if redis else "?",
        }

    def settings(self) -> dict[str, str]:
        """PostgreSQL's settings that differ from its defaults."""
        with psycopg2.connect(self._database_url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE source = 'command line' AND name IN "
                "('shared_buffers', 'wal_level', 'max_wal_size', 'checkpoint_timeout', 'random_page_cost', 'jit', "
                "'max_connections', 'fsync', 'synchronous_commit') ORDER BY name")
            return dict(cursor.fetchall())

    def queue_depths(self, space: Space) -> dict[str, int]:
        """Messages in each queue of a space, as of the broker's last count."""
        queues = self._manage("GET", f"/api/queues/{space.vhost}?columns=name,messages")
        return {queue["name"]: queue.get("messages", 0) for queue in queues}

    def published(self, space: Space) -> int:
        """Messages published in a space so far, as of the broker's last count: it counts every five seconds."""
        return int(self._manage("GET", f"/api/vhosts/{space.vhost}").get("message_stats", {}).get("publish", 0))

    def pids(self) -> dict[str, int]:
        """Process ids of the servers, found by the port that each listens on."""
        urls = {"postgres": self._database_url, "rabbitmq": self._amqp_url, "redis": self._redis_url}
        return {name: _listener(urllib.parse.urlsplit(url).port or 0) for name, url in urls.items()}

    def postgres_port(self) -> int:
        """The port that PostgreSQL listens on."""
        return urllib.parse.urlsplit(self._database_url).port or 0

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self._database_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _manage(self, method: str, path: str) -> Any:
        url = self._management_url
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=20)
        login = f"{urllib.parse.unquote(url.username or '')}:{urllib.parse.unquote(url.password or '')}"
        token = base64.b64encode(login.encode()).decode()
        connection.request(method, path, headers={"Authorization": f"Basic {token}"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status >= 300 and not (method == "DELETE" and response.status == 404):
            raise RuntimeError(f"{method} {path}: HTTP {response.status}")
        return json.loads(body) if body else None

    def _flush_redis(self) -> None:
        self._redis("FLUSHALL")

    def _redis(self, *command: str) -> str:
        url = urllib.parse.urlsplit(self._redis_url)
        commands = [["AUTH", urllib.parse.unquote(url.password or "")], list(command), ["QUIT"]]
        text = "".join(
            f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
            for words in commands)
        assert url.hostname and url.port, "the private Redis is named with its port"
        with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
            connection.sendall(text.encode())
            reply = b""
            while chunk := connection.recv(65536):
                reply += chunk
        return reply.decode()


def _listener(port: int) -> int:
    """The process that listens on a loopback port."""
    inodes: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            links = [str(link.readlink()) for link in (folder / "fd").iterdir()]
        except OSError:
            continue
        if inodes.intersection(links):
            found.append(int(folder.name))
    if not found:
        raise RuntimeError(f"nothing listens on port {port}")
    return min(found)
