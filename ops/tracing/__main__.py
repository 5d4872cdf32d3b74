"""`python3 -m tracing [--port N]`: a receiver on 127.0.0.1 until its standard input ends; prints its port."""

from __future__ import annotations

import argparse
import sys
import threading

from .receiver import Receiver


def main() -> None:
    parser = argparse.ArgumentParser(prog="tracing", description="Receives traces in OTLP over HTTP, and judges them.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    receiver = Receiver(parser.parse_args().port)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    print(receiver.server_address[1], flush=True)
    sys.stdin.read()
    receiver.shutdown()


main()
