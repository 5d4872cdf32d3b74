"""Starts and stops the private stack with its connections led through the proxies, and knows its processes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .proxy import Proxies

PROGRAMS = ["gateway", "scheduler", "worker", "provider-twin"]
TARGETS = {"database": "postgres", "broker": "rabbitmq", "redis": "redis", "twin": "twin"}

# Stands in for a program of the fleet: `mixmyai up` starts what lies beside itself. It leads the program's connections
# through the proxies and is replaced by the program, so the process id stays the same.
SHIM = """#!/bin/sh
via() {{
    rest=${{1##*:}}
    case $rest in
        */*) printf '%s:%s/%s' "${{1%:*}}" "$2" "${{rest#*/}}" ;;
        *) printf '%s:%s' "${{1%:*}}" "$2" ;;
    esac
}}
database='' broker='' redis='' twin=''
route={routes}/${{MIXMYAI_WORKER_NAME:-{program}}}
[ ! -r "$route" ] || . "$route"
[ -z "$database" ] || DATABASE_URL=$(via "$DATABASE_URL" "$database")
[ -z "$broker" ] || AMQP_URL=$(via "$AMQP_URL" "$broker")
[ -z "$redis" ] || REDIS_URL=$(via "$REDIS_URL" "$redis")
[ -z "$twin" ] || OPENAI_BASE_URL=$(via "$OPENAI_BASE_URL" "$twin")
[ -z "$twin" ] || ANTHROPIC_BASE_URL=$(via "$ANTHROPIC_BASE_URL" "$twin")
exec {real} "$@" {arguments}
"""


class StackError(Exception):
    """The stack did not do what it was told."""


class Stack:
    """A private stack in a temporary folder of its own."""

    def __init__(self, programs: Path, workers: int, seed: int, latency: tuple[int, int]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mixmyai-chaos-"))
        # PostgreSQL runs as another user when we are root.
        self.folder.chmod(0o711)
        self.state = self.folder / "fleet"
        self.record = self.folder / "twin.jsonl"
        self.workers = [f"worker-{number}" for number in range(1, workers + 1)]
        self.is_running = False
        self.latency = latency
        self._ports: dict[str, int] = {}
        self._environment: dict[str, str] = {}
        self.proxies = Proxies(self.port)
        self._install(programs, seed)
        self._write_routes()

    def _install(self, programs: Path, seed: int) -> None:
        """Copies the programs, so that a build meanwhile changes nothing, and puts the stand-ins in their places."""
        real = self.folder / "bin" / "real"
        real.mkdir(parents=True)
        shutil.copy2(programs / "mixmyai", self.folder / "bin" / "mixmyai")
        for program in PROGRAMS:
            shutil.copy2(programs / program, real / program)
            extra = []
            if program == "provider-twin":
                latency = "{}-{}".format(*self.latency)
                extra = ["--seed", str(seed % 2**32), "--latency-ms", latency, "--record", str(self.record)]
            shim = self.folder / "bin" / program
            shim.write_text(
                SHIM.format(
                    routes=shlex.quote(str(self.folder / "routes")), program=program,
                    real=shlex.quote(str(real / program)), arguments=shlex.join(extra),
                )
            )
            shim.chmod(0o755)

    def _write_routes(self) -> None:
        routes = self.folder / "routes"
        routes.mkdir()
        ways = {"gateway": ["database", "broker", "redis"], "scheduler": ["database", "broker"]}
        ways |= {name: list(TARGETS) for name in self.workers}
        for process, targets in ways.items():
            lines = [f"{target}={self.proxies.add(process, target).port}" for target in targets]
            (routes / process).write_text("\n".join(lines) + "\n")

    def port(self, target: str) -> int:
        """The port of a server itself, behind the proxies."""
        name = TARGETS[target]
        if name not in self._ports:
            self._ports = json.loads((self.state / "ports.json").read_text())
        return self._ports[name]

    def start(self) -> None:
        """Returns when everything is ready."""
        self.is_running = True
        self.mixmyai("up", "--workers", str(len(self.workers)), "--provider", "twin", "--detach", timeout=200)
        self._environment = {}

    def stop(self) -> None:
        """Stops in order; the data stays."""
        if self.is_running:
            self.mixmyai("down", timeout=120)
            self.is_running = False

    def remove(self) -> None:
        """Deletes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def mixmyai(self, *arguments: str, timeout: float = 60) -> str:
        """Runs a command of the command line to its end and returns what it printed."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MIXMYAI_")}
        command = [str(self.folder / "bin" / "mixmyai"), "--state-dir", str(self.state), *arguments]
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise StackError(f"mixmyai {arguments[0]} did not end within {timeout:.0f} s") from None
        if done.returncode != 0:
            raise StackError(f"mixmyai {arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def setting(self, name: str) -> str:
        """A line of the stack's `env` file."""
        if not self._environment:
            for line in (self.state / "env").read_text().splitlines():
                key, _, value = line.removeprefix("export ").partition("=")
                self._environment[key] = shlex.split(value)[0] if value else ""
        return self._environment[name]

    def pid(self, name: str, patience: float = 5.0) -> int:
        """The process id of a running process, which may just be being started again."""
        deadline = time.monotonic() + patience
        while True:
            try:
                processes = json.loads((self.state / "processes.json").read_text())
            except (OSError, ValueError):
                processes = []
            for process in processes:
                if process["name"] == name:
                    return int(process["pid"])
            if time.monotonic() > deadline:
                raise StackError(f"{name} is not running")
            time.sleep(0.05)

    def signal(self, name: str, number: signal.Signals) -> int:
        """Signals a process of the stack, and returns its id."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid
