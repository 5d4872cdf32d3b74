"""The module graph of Package.swift as a Mermaid diagram."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .tree import Target

DOCUMENT = "docs/architecture.md"
BEGIN = "<!-- module graph: made by ops/check --update -->"
END = "<!-- end of the module graph -->"
#: Libraries are boxes, which need not be said.
_SHAPES = {"executable": '{0}(["{1}"])', "system": '{0}[("{1}")]'}
_BETWEEN = re.compile(re.escape(BEGIN) + r"\n(.*?)" + re.escape(END), re.DOTALL)


def drawn(targets: Iterable[Target]) -> str:
    """Modules with arrows to what they depend on. Left out: tests, packages of others, and arrows that others imply."""
    shown = {target.name: target for target in targets if target.kind in ("regular", "executable", "system")}
    shown = {name: target for name, target in shown.items() if not target.path.startswith("Tests/")}
    arrows = {name: {one for one in target.dependencies if one in shown} for name, target in shown.items()}
    # A program on test support alone has no place in the picture.
    ends = set().union(*arrows.values())
    shown = {name: target for name, target in shown.items() if arrows[name] or name in ends}
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"    {_shape(name, target.kind)}" for name, target in shown.items() if target.kind in _SHAPES]
    for name in shown:
        for other in sorted(arrows[name]):
            if not any(other in _reach(arrows, between) for between in arrows[name] - {other}):
                lines.append(f"    {_key(name)} --> {_key(other)}")
    return "\n".join([*lines, "```", ""])


def shown(document: str) -> str | None:
    """The diagram that a document shows between its marks."""
    match = _BETWEEN.search(document)
    return match[1] if match else None


def replaced(document: str, targets: Iterable[Target]) -> str:
    """The document with the diagram as it is now."""
    return _BETWEEN.sub(lambda _: f"{BEGIN}\n{drawn(targets)}{END}", document)


def _shape(name: str, kind: str) -> str:
    return _SHAPES[kind].format(_key(name), name)


def _key(name: str) -> str:
    return name.replace("-", "_")


def _reach(arrows: dict[str, set[str]], name: str) -> set[str]:
    reached, open_ends = {name}, [name]
    while open_ends:
        for other in arrows[open_ends.pop()] - reached:
            reached.add(other)
            open_ends.append(other)
    return reached
