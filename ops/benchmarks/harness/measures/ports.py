"""Whether servers are there."""

from __future__ import annotations

import socket


def accepts(port: int) -> bool:
    """Somebody listens on the loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
