"""A TCP proxy on each connection between a process of ours and a server, whose links can be cut, silenced or slowed.

One thread runs the event loop of all proxies. A link is one process's way to one server; a fault changes the condition
of links. On the way to the twin the proxy also notes each request's idempotency key: the twin itself may be killed
before it has written its record, the harness is not.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

REQUEST_KEY = re.compile(rb"\r\nidempotency-key: *([!-~]+)\r\n", re.IGNORECASE)
LONGEST_HEADER = 200
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Condition:
    """What a link does to the bytes on it."""

    delay: float = 0.0
    bytes_per_second: float | None = None
    #: Nothing comes through in either direction.
    is_silent: bool = False
    #: New connections are reset at once.
    is_refusing: bool = False
    #: What our process sends arrives and is done; the answer does not come back.
    loses_answers: bool = False


CLEAR = Condition()


@dataclass(frozen=True)
class SentRequest:
    """One request to the twin, as it left the worker."""

    time: float
    process: str
    key: str


@dataclass(eq=False)
class Link:
    """One process's way to one server."""

    process: str
    target: str
    upstream: Callable[[], int]
    on_request: Callable[[SentRequest], None] | None = None
    port: int = 0
    condition: Condition = CLEAR
    ends: set[End] = field(default_factory=set)


class End(asyncio.Protocol):
    """One end of a proxied connection: what it reads goes out at its peer."""

    def __init__(self, link: Link, peer: End | None = None) -> None:
        self.link = link
        self.peer = peer
        self.transport: asyncio.Transport | None = None
        self.is_client = peer is None
        self.is_dead = False
        self.is_deaf = False
        self._unread = b""
        self._early: list[bytes] = []
        self._connecting: asyncio.Future[None] | None = None
        self._queue: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_ending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.link.ends.add(self)
        if self.is_client and self.link.condition.is_refusing:
            self.reset()
            return
        self.is_deaf = self.is_client and self.link.condition.loses_answers
        if self.is_client and self.link.condition.is_silent:
            self.is_dead = True
        elif self.is_client:
            self._connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            _, peer = await loop.create_connection(lambda: End(self.link, self), "127.0.0.1", self.link.upstream())
        except (OSError, KeyError):
            self.reset()
            return
        self.peer = peer
        if self.transport is None or self.transport.is_closing():
            peer.reset()
        else:
            for data in self._early:
                peer.send(data)
            self._early = []

    def data_received(self, data: bytes) -> None:
        if self.is_dead:
            return
        if self.is_client and self.link.on_request:
            self._note_requests(data)
        if self.peer:
            self.peer.send(data)
        else:
            self._early.append(data)

    def _note_requests(self, data: bytes) -> None:
        text = self._unread + data
        end = 0
        assert self.link.on_request
        for match in REQUEST_KEY.finditer(text):
            self.link.on_request(SentRequest(time.time(), self.link.process, match.group(1).decode()))
            end = match.end()
        self._unread = text[max(end, len(text) - LONGEST_HEADER) :]

    def send(self, data: bytes) -> None:
        """Writes now or when the link's condition lets it, in order."""
        if self.transport is None or self.is_dead or self.is_deaf:
            return
        condition = self.link.condition
        if not self._queue and condition.delay == 0 and condition.bytes_per_second is None:
            self.transport.write(data)
            return
        now = asyncio.get_running_loop().time()
        due = max(now + condition.delay, self._queue[-1][0] if self._queue else 0.0)
        if condition.bytes_per_second:
            due += len(data) / condition.bytes_per_second
        self._queue.append((due, data))
        self._wait_for_first()

    def _wait_for_first(self) -> None:
        if self._timer is None and self._queue:
            self._timer = asyncio.get_running_loop().call_at(self._queue[0][0], self._send_due)

    def _send_due(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._queue and self._queue[0][0] <= now and self.transport and not self.is_dead:
            self.transport.write(self._queue.popleft()[1])
        if self._is_ending and not self._queue and self.transport:
            self.transport.close()
        elif not self.is_dead:
            self._wait_for_first()

    def pause_writing(self) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer and self.peer.transport and not self.peer.is_dead:
            self.peer.transport.resume_reading()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.link.ends.discard(self)
        self.transport = None
        if self.peer:
            self.peer.finish()

    def finish(self) -> None:
        """Ends after what is queued; a dead or deaf end stays as it is, its program is told nothing."""
        self._is_ending = True
        if self.transport and not self._queue and not self.is_dead and not self.is_deaf:
            self.transport.close()

    def silence(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self.is_dead = True
        if self.transport:
            self.transport.pause_reading()

    def reset(self) -> None:
        """Closes with a reset, as a lost peer would."""
        if self.transport is None:
            return
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.transport.abort()


class Proxies:
    """All links, on one event loop in a thread of its own."""

    def __init__(self, upstream: Callable[[str], int]) -> None:
        self.links: list[Link] = []
        self.requests: list[SentRequest] = []
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def add(self, process: str, target: str) -> Link:
        """Opens a link; its port is known when this returns."""
        on_request = self.requests.append if target == "twin" else None
        link = Link(process, target, lambda: self._upstream(target), on_request)

        async def listen() -> None:
            server = await self._loop.create_server(lambda: End(link), "127.0.0.1", 0)
            link.port = server.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(listen(), self._loop).result(10)
        self.links.append(link)
        return link

    def change(self, links: Iterable[Link], condition: Condition) -> None:
        """Puts links into a condition. When they are clear again, connections that were silenced or lost answers stay
        dead for our processes, and end for the server."""

        def apply() -> None:
            for link in links:
                link.condition = condition
                for end in list(link.ends):
                    if condition.is_silent:
                        end.silence()
                    elif condition.loses_answers:
                        end.is_deaf = end.is_client
                    elif not end.is_client and (end.is_dead or (end.peer and end.peer.is_deaf)):
                        end.reset()

        self._loop.call_soon_threadsafe(apply)

    def cut(self, links: Iterable[Link]) -> None:
        """Resets every connection of the links."""

        def apply() -> None:
            for link in links:
                for end in list(link.ends):
                    end.reset()

        self._loop.call_soon_threadsafe(apply)

    def close(self) -> None:
        """Ends the thread; connections go with the process."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
