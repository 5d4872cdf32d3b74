"""Rules for Dockerfile and compose.yaml: they name what there is, and give containers no more than they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .finding import Finding
from .tree import Tree

IMAGE = "Dockerfile"
IGNORED = ".dockerignore"
COMPOSE = "compose.yaml"
SETTINGS = "Sources/FleetSettings/SettingNames.swift"
CATALOGUES = "workers/agents/"
#: Targets that measure the product, and are no part of it.
MEASURING = "ops/benchmarks/"
#: Where a container finds its settings, one file each.
FOLDER = "/run/mixmyai/"
#: Gateway and scheduler end within 120 s; what is paid has to be written after a worker's drain.
SHUTDOWN_SECONDS = 130
SECONDS_AFTER_DRAIN = 60

_BUILT = re.compile(r"for program in ([^;]+);")
_VARIABLE = re.compile(r"^(?:ENV)?\s+([A-Z][A-Z0-9_]*)=(\S*)", re.MULTILINE)
_COPIED = re.compile(rf"^COPY {re.escape(CATALOGUES)} (\S+)", re.MULTILINE)
_SETTING = re.compile(r'"([A-Z][A-Z0-9_]+)"')
_INTERPOLATED = re.compile(r"\$\{(\w+)")


def image_programs(tree: Tree) -> Iterator[Finding]:
    """The image has every program that Package.swift offers, but those that only measure."""
    text = tree.texts.get(IMAGE)
    if text is None:
        return
    paths = {target.name: target.path + "/" for target in tree.targets}
    offered = {
        one["name"]
        for one in tree.package.get("products", [])
        if "executable" in one["type"] and not any(paths[name].startswith(MEASURING) for name in one["targets"])
    }
    built = _BUILT.search(text)
    for name in sorted(offered ^ set(built[1].split() if built else [])):
        yield Finding(IMAGE, 1, "image-programs", f"{name} is not in both the image and the products of Package.swift")


def image_context(tree: Tree) -> Iterator[Finding]:
    """What Package.swift names reaches the image's build: without one target's folder no program builds."""
    if IGNORED not in tree.texts:
        return
    sent = {line[1:].strip("/") for line in tree.texts[IGNORED].splitlines() if line.startswith("!")}
    for name in sorted({"Package.swift", *(target.path.partition("/")[0] for target in tree.targets)} - sent):
        yield Finding(IGNORED, 1, "image-context", f"{name} is kept out, and Package.swift needs it")


def image_catalogues(tree: Tree) -> Iterator[Finding]:
    """The image has the catalogues where its variables say."""
    text = tree.texts.get(IMAGE)
    if text is None:
        return
    copied = _COPIED.search(text)
    values = dict(_VARIABLE.findall(text))
    for name in ("MIXMYAI_AGENTS", "MIXMYAI_MODELS"):
        path = values.get(name, "").removeprefix(copied[1] if copied else "")
        if not copied or CATALOGUES + path not in tree.texts:
            yield Finding(IMAGE, 1, "image-catalogues", f"{name} names no file that is copied from {CATALOGUES}")


def container_settings(tree: Tree) -> Iterator[Finding]:
    """What image and containers set are settings of the programs; what compose.yaml asks its user for is none."""
    known = set(_SETTING.findall(tree.texts.get(SETTINGS, "")))
    for name in dict(_VARIABLE.findall(tree.texts.get(IMAGE, ""))):
        if name.startswith("MIXMYAI_") and name not in known:
            yield Finding(IMAGE, 1, "container-settings", f"{name} is no setting")
    for service, one in services(tree).items():
        files = [secret["target"].removeprefix(FOLDER) for secret in one.get("secrets", []) if isinstance(secret, dict)]
        for name in [*one.get("environment", {}), *files]:
            if name not in known:
                yield Finding(COMPOSE, 1, "container-settings", f"{service} sets {name}, which is no setting")
    # Whoever exports one of ours cannot run the programs outside: they refuse variables that they do not know.
    for name in sorted(set(_INTERPOLATED.findall(tree.texts.get(COMPOSE, "")))):
        if name.startswith("MIXMYAI_"):
            yield Finding(COMPOSE, 1, "container-settings", f"{name}: the programs refuse what begins with MIXMYAI_")


def hardened(tree: Tree) -> Iterator[Finding]:
    """Containers have a read-only root, no capabilities, no way to more rights, and publish on 127.0.0.1 only."""
    for service, one in services(tree).items():
        ports = [str(port) for port in one.get("ports", [])]
        problems = {
            "its root is not read-only": one.get("read_only") is not True,
            "it keeps capabilities": one.get("cap_drop") != ["ALL"] or bool(one.get("cap_add")),
            "it may gain privileges": "no-new-privileges:true" not in one.get("security_opt", []),
            "it is privileged": bool(one.get("privileged")) or "host" in (one.get("network_mode"), one.get("pid")),
            "it runs as another user than its image's": "user" in one,
            "nobody says whether it is started again": "restart" not in one,
            "it has a fixed name, and cannot be scaled": "container_name" in one,
            "a port is open to other machines": any(not port.startswith("127.0.0.1:") for port in ports),
        }
        for problem, is_there in problems.items():
            if is_there:
                yield Finding(COMPOSE, 1, "hardened", f"{service}: {problem}")


def grace(tree: Tree) -> Iterator[Finding]:
    """Containers get the time that their programs may take to end, so that paid calls finish."""
    for service, one in services(tree).items():
        program = (one.get("command") or [""])[0]
        drain = int(one.get("environment", {}).get("MIXMYAI_DRAIN_SECONDS", 20))
        wanted = {
            "gateway": SHUTDOWN_SECONDS, "scheduler": SHUTDOWN_SECONDS, "worker": drain + SECONDS_AFTER_DRAIN,
        }.get(program)
        given = re.fullmatch(r"(\d+)s", str(one.get("stop_grace_period", "10s")))
        if wanted and (given is None or int(given[1]) < wanted):
            yield Finding(COMPOSE, 1, "grace", f"{service} needs stop_grace_period: {wanted}s or more")


def services(tree: Tree) -> dict[str, dict[str, Any]]:
    document = yaml.safe_load(tree.texts.get(COMPOSE, "{}"))
    return dict(document.get("services", {}))


RULES = (image_programs, image_context, image_catalogues, container_settings, hardened, grace)
