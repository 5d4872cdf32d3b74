"""Tells Prometheus where the processes of a private fleet are: `targets.py PROCESSES_JSON FOLDER`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from urllib.parse import urlsplit

ROLES = ("gateway", "scheduler", "worker")


def groups(processes: list[dict[str, str | None]], role: str) -> list[dict[str, object]]:
    """The processes of a role as a file for `file_sd_configs`. While the fleet is down it has none."""
    found: list[dict[str, object]] = []
    for one in processes:
        url = one["metrics_url"]
        if one["role"] == role and url:
            # The address changes with a new start of the fleet, the name does not.
            found.append({"targets": [urlsplit(url).netloc], "labels": {"name": one["name"]}})
    return found


def write(path: Path, content: list[dict[str, object]]) -> None:
    """Replaces a file in one step, and only if it says something else."""
    text = json.dumps(content, indent=2) + "\n"
    if path.exists() and path.read_text() == text:
        return
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("processes", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prometheus", required=True, help="its own HOST:PORT")
    parser.add_argument("--alertmanager", required=True, help="HOST:PORT")
    given = parser.parse_args()
    processes = json.loads(given.processes.read_text()) if given.processes.exists() else []
    for role in ROLES:
        write(given.folder / f"{role}.json", groups(processes, role))
    for name in ("prometheus", "alertmanager"):
        write(given.folder / f"{name}.json", [{"targets": [getattr(given, name)]}])


if __name__ == "__main__":
    main()
