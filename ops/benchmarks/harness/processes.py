"""Processes that a run starts, and what processes used."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A process that ends with its run, whatever happens."""

    def __init__(self, name: str, arguments: Sequence[str | Path], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments], env=os.environ | environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def check(self) -> None:
        """Fails if the process has ended."""
        if (status := self._process.poll()) is not None:
            raise RuntimeError(f"{self.name} ended with {status}: {self.tail()}")

    def wait(self, timeout: float) -> None:
        """Waits for a successful end."""
        if (status := self._process.wait(timeout)) != 0:
            raise RuntimeError(f"{self.name} ended with {status}: {self.tail()}")

    def stop(self, patience: float = 20) -> None:
        """Asks it to end, and ends it and what it started if it does not."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(5)

    def tail(self) -> str:
        """The end of its output."""
        return self._log.read_text(errors="replace")[-1500:]


def run(arguments: Sequence[str | Path], environment: dict[str, str], timeout: float) -> str:
    """Runs a command to its successful end; its standard output."""
    result = subprocess.run(
        [str(argument) for argument in arguments], env=os.environ | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{arguments[0]} ended with {result.returncode}: {(result.stdout + result.stderr)[-1500:]}")
    return result.stdout


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, and of its children: living ones, and ended ones it has waited for."""
    total = _own_cpu(pid, with_ended=True)
    for child in children(pid):
        total += cpu_seconds(child)
    return total


def children(pid: int) -> list[int]:
    """Living children of all of a process's threads."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def _own_cpu(pid: int, with_ended: bool) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    ticks = int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if with_ended else 0)
    return ticks / _TICKS


def resident_bytes(pid: int) -> int:
    """Memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def wait_until(
    condition: Callable[[], object], timeout: float, what: str, processes: Sequence[Process] = (), pause: float = 0.02
) -> None:
    """Polls until a condition holds; fails at the timeout, or if a process ends meanwhile."""
    deadline = time.monotonic() + timeout
    while not condition():
        for process in processes:
            process.check()
        if time.monotonic() > deadline:
            tails = "\n".join(f"{process.name}: {process.tail()}" for process in processes)
            raise TimeoutError(f"{what} took longer than {timeout:.0f} s\n{tails}")
        time.sleep(pause)
