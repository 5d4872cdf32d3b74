"""The task that every peer runs, and how runs are counted without costing the peer anything."""

from __future__ import annotations

import mmap
import os
import struct
import threading
import time
from pathlib import Path

PAYLOAD = "Look at the figures of the last year and say what follows. " * 7
PAYLOAD = PAYLOAD[:400]
RESULT = ("A result that somebody could use. " * 18)[:600]

_counter: mmap.mmap | None = None
_owner = 0
_lock = threading.Lock()


def perform(call_ms: int) -> str:
    """The task: nothing, or a wait, and a result of 600 bytes."""
    if call_ms:
        time.sleep(call_ms / 1000)
    count()
    return RESULT


def count() -> None:
    """Counts one run in a file of this process that is shared memory."""
    global _counter, _owner
    with _lock:
        if _counter is None or _owner != os.getpid():
            _owner = os.getpid()
            path = Path(os.environ["BENCH_COUNTS"]) / str(_owner)
            path.write_bytes(bytes(8))
            with path.open("r+b") as file:
                _counter = mmap.mmap(file.fileno(), 8)
        _counter[:8] = struct.pack("q", struct.unpack("q", _counter[:8])[0] + 1)


def counted(folder: Path) -> int:
    """Runs so far, of all processes."""
    return sum(struct.unpack("q", path.read_bytes().ljust(8, b"\0")[:8])[0] for path in folder.iterdir())
