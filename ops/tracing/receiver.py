"""Takes spans over HTTP as a collector does, and judges them when it is asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import otlp
from .judge import judge
from .span import Span


class Receiver(ThreadingHTTPServer):
    """`POST /v1/traces` takes spans. `GET /spans` shows them. `POST /judge` answers with what is wrong, see `judge`."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        self.problems: list[str] = []

    def take(self, body: bytes, content_type: str) -> int:
        """Returns the status to answer with."""
        try:
            if content_type != "application/json":
                raise otlp.OTLPError(f"the content type is {content_type!r}")
            spans = otlp.read(body)
        except otlp.OTLPError as error:
            with self.lock:
                self.problems.append(str(error))
            return 400
        with self.lock:
            self.spans += spans
            self.bodies.append(body)
        return 200

    def findings(self, expected: dict[str, Any]) -> list[str]:
        """What is wrong with all that came: `tasks` as `judge` wants them, `forbidden` texts that must not be there."""
        with self.lock:
            findings = [f"no OTLP: {problem}" for problem in self.problems]
            findings += judge(self.spans, expected["tasks"])
            sent = b"\n".join(self.bodies)
        for text in expected.get("forbidden", []):
            if not text:
                findings.append("an empty text is forbidden")
            elif text.encode() in sent or json.dumps(text)[1:-1].encode() in sent:
                findings.append(f"a text was sent: {text}")
        return findings


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/v1/traces":
            self._answer(self.server.take(body, self.headers.get("Content-Type", "")), {})
        elif self.path == "/judge":
            self._answer(200, self.server.findings(json.loads(body)))
        else:
            self._answer(404, {})

    def do_GET(self) -> None:
        with self.server.lock:
            spans = [vars(span) for span in self.server.spans]
        self._answer(200 if self.path == "/spans" else 404, spans)

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing of single requests."""
