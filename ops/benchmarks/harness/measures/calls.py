"""What a call to a model costs beyond the bare HTTP exchange."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import fleet, processes
from ..context import Context
from ..processes import Process
from ..results import Value
from .ports import accepts

_CONCURRENCY = 64


def calls(context: Context) -> list[Value]:
    """The same requests to the same C server: by libcurl alone, and by the fleet's provider client."""
    body = _body(stream=True), _body(stream=False)
    answers = _answers(context, *body)
    many, few = context.size(20_000, 60_000), context.size(2_000, 6_000)
    with provider(context, answers, delay_ms=0) as port:
        url = f"http://127.0.0.1:{port}/v1/responses"

        def floor(text: bytes, count: int, concurrency: int) -> dict[str, float]:
            path = context.scratch / "body.json"
            path.write_bytes(text)
            return json.loads(
                processes.run([context.programs.floor / "calls", url, path, str(count), str(concurrency)], {}, 120))

        agents = fleet.ROOT / "workers" / "agents"
        environment = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "MIXMYAI_AGENTS": str(agents / "agents.yaml"),
            "MIXMYAI_MODELS": str(agents / "models.yaml")}

        def ours(count: int, concurrency: int) -> dict[str, float]:
            return json.loads(
                processes.run(
                    [
                        context.programs.folder / "fleet-bench", "calls", "--calls", str(count), "--concurrency",
                        str(concurrency)
                    ], environment, 120))

        values: list[Value] = []
        runs: list[tuple[str, str, Callable[[int, int], dict[str, float]]]] = [
            ("c_floor", "stream", lambda *size: floor(body[0], *size)),
            ("c_floor", "plain", lambda *size: floor(body[1], *size)), ("mixmyai", "stream", ours),
        ]
        for system, kind, run in runs:
            busy, quiet = run(many, _CONCURRENCY), run(few, 1)
            values.append(Value(system, f"call_cpu_us_{kind}", busy["cpu_seconds"] / busy["calls"] * 1e6))
            values.append(Value(system, f"call_latency_p50_ms_{kind}", quiet["p50_ms"]))
    found = {(value.system, value.measure): value.value for value in values}
    for added, measure in (
        ("added_cpu_us_per_call", "call_cpu_us_stream"), ("added_latency_ms_per_call", "call_latency_p50_ms_stream"),
    ):
        values.append(Value("mixmyai", added, found["mixmyai", measure] - found["c_floor", measure]))
    return values


def memory(context: Context) -> list[Value]:
    """Memory of one production worker for each thousand calls in flight."""
    values: list[Value] = []
    for in_flight in (1000,) if context.quick else (1000, 10_000):
        values.append(Value("mixmyai", f"memory_per_1000_calls_at_{in_flight}_mb", _memory(context, in_flight)))
    return values


def _memory(context: Context, in_flight: int) -> float:
    answers = _answers(context, _body(stream=True), _body(stream=False))
    with provider(context, answers, delay_ms=300_000) as port, context.servers.space("memory") as space:
        base = {
            "OPENAI_API_KEY": "bench", "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "ANTHROPIC_API_KEY": "bench",
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "MIXMYAI_WORKER_SLOTS": str(in_flight + 16),
            "MIXMYAI_DRAIN_SECONDS": "0"}
        with fleet.started(context.programs, space, workers=0) as running:
            worker = Process(
                "worker", [context.programs.folder / "worker"], fleet.environment(space) | base,
                context.scratch / "worker-memory.log")
            try:
                with running.progress() as progress:
                    processes.wait_until(
                        lambda: progress.count("SELECT min(ticket_window) FROM agent_queues") >= in_flight, 30,
                        "the start of the worker", [worker])
                    idle = processes.resident_bytes(worker.pid)
                    running.submit(in_flight).wait(120)
                    processes.wait_until(
                        lambda: progress.count("SELECT count(*) FROM steps WHERE state = 'running'") >= in_flight, 120,
                        "the calls", [worker], pause=0.2)
                    processes.wait_until(
                        lambda: _connections(port) >= in_flight, 60, "the connections", [worker], pause=0.5)
                    used = processes.resident_bytes(worker.pid) - idle
            finally:
                worker.stop(3)
    return used / in_flight * 1000 / 1e6


def _connections(port: int) -> int:
    """Established connections to a server."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(1 for line in lines if line.split()[2].endswith(f":{port:04X}") and line.split()[3] == "01")


@contextmanager
def provider(context: Context, answers: tuple[Path, Path], delay_ms: int) -> Iterator[int]:
    """The trivial C server; its port."""
    process = subprocess.Popen(
        [context.programs.floor / "provider", *answers, str(delay_ms)], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline() if process.stdout else 0)
    finally:
        process.terminate()
        process.wait(5)


def _body(*, stream: bool) -> bytes:
    """A request of the size and shape that an agent's is."""
    agents = fleet.ROOT / "workers" / "agents"
    schema = json.loads((agents / "schemas" / "subtask_execution.json").read_text())
    return json.dumps(
        {
            "model": "gpt-6-luna", "instructions": (agents / "specialists" / "financial_analyst.md").read_text(),
            "input": "Material. " * 100,
            "text": {"format": {"type": "json_schema", "name": "subtask_execution", "schema": schema, "strict": True}},
            "max_output_tokens": 1000, "stream": stream,
        }, separators=(",", ":")).encode()


def _answers(context: Context, *bodies: bytes) -> tuple[Path, Path]:
    """The provider twin's answers to the requests, as it sent them: what the C server then repeats."""
    port = fleet.free_port()
    twin = Process(
        "twin", [context.programs.folder / "provider-twin", "--port", str(port)], {}, context.scratch / "twin.log")
    try:
        processes.wait_until(lambda: accepts(port), 20, "the start of the twin", [twin])
        files: list[Path] = []
        for number, body in enumerate(bodies):
            path = context.scratch / f"answer-{number}.http"
            path.write_bytes(_exchange(port, body))
            files.append(path)
        return files[0], files[1]
    finally:
        twin.stop(3)


def _exchange(port: int, body: bytes) -> bytes:
    """An HTTP answer from its status line to its last byte."""
    head = (
        f"POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer bench\r\nContent-Length: {len(body)}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        answer = b""
        while not _is_whole(answer):
            chunk = connection.recv(65536)
            if not chunk:
                raise RuntimeError("the twin hung up")
            answer += chunk
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise RuntimeError(answer[:300].decode(errors="replace"))
    return answer


def _is_whole(answer: bytes) -> bool:
    head, separator, rest = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    lines = [line.lower().partition(b": ") for line in head.split(b"\r\n")[1:]]
    fields = {name: value for name, _, value in lines}
    if (length := fields.get(b"content-length")) is not None:
        return len(rest) >= int(length)
    return rest.endswith(b"0\r\n\r\n")
