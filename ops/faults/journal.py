"""The run's own log: lines for the reader on standard error, the same as JSON lines in a file."""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Journal:
    """Says what happens, with the time since the beginning. Holds no secrets: nobody hands it any."""

    def __init__(self, path: Path) -> None:
        self.start = time.time()
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def say(self, text: str, **facts: Any) -> None:
        """One line."""
        now = time.time()
        record = {"time": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"), "text": text}
        with self._lock:
            print(f"{now - self.start:7.1f}  {text}", file=sys.stderr, flush=True)
            self._file.write(json.dumps({**record, **facts}, default=str) + "\n")
            self._file.flush()
