"""Where and how a run took place."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from .fleet import ROOT
from .servers import Servers

_PACKAGES = (
    "celery",
    "kombu",
    "amqp",
    "dramatiq",
    "pika",
    "faststream",
    "aio-pika",
    "SQLAlchemy",
    "psycopg2-binary",
    "uvloop",
)


def about(servers: Servers, quick: bool, rounds: int, seconds: float, failures: list[str]) -> dict[str, Any]:
    """Machine, versions, settings and date of a run."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "kind": "quick" if quick else "full",
        "rounds": rounds,
        "seconds": round(seconds),
        "failures": failures,
        "machine": (
            f"{_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB, {_system()}, Linux {platform.release()}"
        ),
        "load_at_end": os.getloadavg()[0],
        "revision": _output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "versions": servers.versions()
        | {
            "Swift": [*_output("swift", "--version").split("Swift version "), "?"][1].split(" ")[0],
            "Python": platform.python_version(),
            **{name: metadata.version(name) for name in _PACKAGES},
        },
        "postgres_settings": servers.settings(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _system() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return platform.system()


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "?"
