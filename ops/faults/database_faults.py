"""What a database can do to its clients: end their sessions, take no more, wait, give up early, or be full."""

from __future__ import annotations

import contextlib
import threading

import psycopg2
import psycopg2.extensions

from .fault import Fault, World, until_done
from .servers import APPLICATION
from .volume import SmallVolume

THEIR_SESSIONS = (
    "FROM pg_stat_activity WHERE backend_type = 'client backend' "
    f"AND application_name LIKE 'mixmyai-%' AND application_name <> '{APPLICATION}'"
)
END_SESSIONS = f"SELECT pg_terminate_backend(pid) {THEIR_SESSIONS}"
CANCEL_STATEMENTS = f"SELECT pg_cancel_backend(pid) {THEIR_SESSIONS} AND state = 'active'"


class DatabaseFault(Fault):
    may_lose_calls = True

    @property
    def resources(self) -> set[str]:
        return {"database"}

    def describe(self) -> str:
        return f"for {self.seconds} s"


class Storm:
    """One statement, run over and over by a thread until it is told to end."""

    def __init__(self, world: World, statement: str, pause: float) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(world, statement, pause), daemon=True)
        self._thread.start()

    def _run(self, world: World, statement: str, pause: float) -> None:
        while not self._end.wait(pause):
            # The database may be away at the same time for another reason.
            with contextlib.suppress(psycopg2.Error):
                world.database.rows(statement)

    def end(self) -> None:
        self._end.set()
        self._thread.join(10)


class Terminated(DatabaseFault):
    """Every session of the fleet is ended, again and again."""

    hold = (3.0, 8.0)

    def inject(self, world: World) -> None:
        self._storm = Storm(world, END_SESSIONS, pause=0.25)

    def heal(self, _world: World) -> None:
        self._storm.end()


class Exhausted(DatabaseFault):
    """Every connection that the server allows is taken by somebody else."""

    hold = (4.0, 12.0)

    def inject(self, world: World) -> None:
        self._held: list[psycopg2.extensions.connection] = []
        world.database.rows(END_SESSIONS)
        with contextlib.suppress(psycopg2.OperationalError):
            while len(self._held) < 300:
                self._held.append(world.database.connect())

    def heal(self, _world: World) -> None:
        for connection in self._held:
            connection.close()


class LockHeld(DatabaseFault):
    """Somebody holds a lock on the steps that lets nobody read or write them."""

    hold = (3.0, 12.0)
    _connection: psycopg2.extensions.connection | None = None

    def inject(self, world: World) -> None:
        # Another fault may have taken every connection.
        until_done(lambda: self._lock(world))

    def _lock(self, world: World) -> None:
        self._connection = world.database.connect()
        self._connection.autocommit = False
        with self._connection.cursor() as cursor:
            cursor.execute("LOCK TABLE steps IN ACCESS EXCLUSIVE MODE")

    def heal(self, _world: World) -> None:
        if self._connection:
            self._connection.close()


class Cancelled(DatabaseFault):
    """Statements are cut short all the time, as by a timeout that is far too small."""

    hold = (4.0, 10.0)

    def inject(self, world: World) -> None:
        self._storm = Storm(world, CANCEL_STATEMENTS, pause=0.005)

    def heal(self, _world: World) -> None:
        self._storm.end()


class DiskFull(DatabaseFault):
    """The database's volume takes no more bytes; needs a volume of its own, see ``SmallVolume``."""

    hold = (4.0, 12.0)

    def unavailable(self, world: World) -> str | None:
        return SmallVolume.obstacle(world.stack)

    def inject(self, world: World) -> None:
        SmallVolume(world.stack).fill()

    def heal(self, world: World) -> None:
        SmallVolume(world.stack).empty()
