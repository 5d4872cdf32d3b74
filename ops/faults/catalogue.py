"""Every fault by its name."""

from __future__ import annotations

from .broker_faults import MemoryAlarm, Wipe
from .database_faults import Cancelled, DiskFull, Exhausted, LockHeld, Terminated
from .fault import Fault
from .network_faults import Away, Dropped, HalfOpen, Slow
from .process_faults import Freeze, Kill, Restart
from .provider_faults import LongCalls, ProviderFault, ProviderGone, RedisFlush

FaultKind = type[Fault]


def _variant(base: FaultKind, name: str, summary: str, **attributes: object) -> FaultKind:
    """The same kind of fault, aimed at something."""
    members: dict[str, object] = {"name": name, "summary": summary, **attributes}
    return type(base.__name__, (base,), members)


def _of_processes() -> list[FaultKind]:
    kinds: list[FaultKind] = []
    for role in ("worker", "scheduler", "gateway", "twin"):
        late = role in ("worker", "twin")
        common = {"role": role, "may_lose_calls": role == "worker"}
        kinds += [
            _variant(Kill, f"{role}-kill", f"kill -9 of a {role}", **common),
            _variant(Freeze, f"{role}-freeze", "SIGSTOP for 5 s", hold=(5.0, 5.0), delays_calls=late, **common),
            _variant(Freeze, f"{role}-freeze-long", "SIGSTOP for 60 s", hold=(60.0, 60.0), delays_calls=late, **common),
        ]
    for name, role in (("broker", "rabbitmq"), ("database", "postgres"), ("redis", "redis")):
        common = {"role": role, "may_lose_calls": name == "database"}
        late = name == "redis"
        kinds += [
            _variant(Kill, f"{name}-kill", f"kill -9 of {role}", **common),
            _variant(
                Freeze, f"{name}-freeze", "SIGSTOP for some seconds", hold=(3.0, 15.0), delays_calls=late, **common
            ),
        ]
    kinds.append(
        _variant(Restart, "database-restart", "fast shutdown, and a new start", role="postgres", may_lose_calls=True)
    )
    return kinds


def _of_links() -> list[FaultKind]:
    kinds: list[FaultKind] = []
    for target in ("database", "broker", "redis", "twin"):
        common = {"target": target, "may_lose_calls": target == "database"}
        late = target in ("redis", "twin")
        kinds += [
            _variant(Dropped, f"net-drop-{target}", f"connections to {target} are reset", **common),
            _variant(
                HalfOpen, f"net-halfopen-{target}", f"connections to {target} go silent", delays_calls=late, **common
            ),
            _variant(Slow, f"net-slow-{target}", f"links to {target} are slow", delays_calls=late, **common),
        ]
    kinds.append(_variant(Away, "net-away-database", "nobody reaches the database for 45 or 90 s", target="database"))
    return kinds


def _of_providers() -> list[FaultKind]:
    def provider(name: str, summary: str, *kinds: str, **more: object) -> FaultKind:
        return _variant(ProviderFault, f"provider-{name}", summary, kinds=kinds, **more)

    return [
        provider("rate-limit", "a storm of 429", "rate_limit"),
        provider("errors", "500", "server_error"),
        provider("overloaded", "529 and 503", "overloaded"),
        provider("down", "every answer is 500 or 529", "server_error", "overloaded", rates=(1.0, 1.0)),
        provider("truncated", "streams without their end", "truncated_stream", rates=(0.1, 0.4)),
        provider(
            "slow", "answers in small pieces", "slow_bytes", rates=(0.1, 0.4), settings={"slow_bytes_pause_ms": 60}
        ),
        provider("malformed", "answers in broken JSON", "malformed_json", rates=(0.1, 0.4)),
        provider("bad-schema", "answers that lack a property", "bad_schema", rates=(0.1, 0.4)),
        provider("unstorable", "answers with a NUL character", "unstorable_text", rates=(0.1, 0.4)),
        _variant(LongCalls, "provider-long", "answers take 6 to 12 s"),
        _variant(ProviderGone, "provider-gone", "nobody listens"),
    ]


CATALOGUE: dict[str, FaultKind] = {
    kind.name: kind
    for kind in [
        *_of_processes(),
        _variant(Wipe, "broker-wipe", "kill -9 of rabbitmq, its data deleted"),
        _variant(MemoryAlarm, "broker-memory-alarm", "publishers are blocked"),
        _variant(Terminated, "database-terminate", "pg_terminate_backend of every session, repeatedly"),
        _variant(Exhausted, "database-exhausted", "no connection is left"),
        _variant(LockHeld, "database-lock", "LOCK TABLE steps"),
        _variant(Cancelled, "database-cancel", "statements are cut short, as by a timeout"),
        _variant(DiskFull, "database-disk-full", "the database's volume is full"),
        _variant(RedisFlush, "redis-flush", "FLUSHALL"),
        *_of_links(),
        *_of_providers(),
    ]
}
