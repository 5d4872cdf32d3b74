"""Rules for the documents: what they point at is there, and what is made from the code equals it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

from . import module_graph
from .finding import Finding
from .tree import Tree, line_of

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\))?)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINITION = re.compile(r"^\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:")
#: The table of docs/architecture.md whose last column names SQL statements.
_PROTOCOL = re.compile(r"^## Steps of the protocol\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_STATEMENTS = "Sources/FleetStore/"
#: `Type.member` and `module.function`, as the documents write them.
_REFERENCE = re.compile(r"^([A-Z]\w+)\.([a-z]\w*)$")
_PYTHON_REFERENCE = re.compile(r"^([a-z]\w+_checks|windows|checker|books)\.([a-zA-Z]\w*)$")
#: A path below one of our folders; with a placeholder it is none.
_OWN_PATH = re.compile(r"^(?:Sources|Tests|scheduler|workers|ops|docs|\.ci|\.devcontainer)/[\w.+/-]+$")
_ENDINGS = {"swift", "md", "py", "sh", "yaml", "json", "toml", "txt", "resolved", "sql", "lua"}
_LAYOUT = re.compile(r"^## Layout\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def links(tree: Tree) -> Iterator[Finding]:
    """Every relative link leads to a file, and every anchor to a heading."""
    for path, text in tree.texts.items():
        if not path.endswith(".md"):
            continue
        plain = _CODE_SPAN.sub(lambda match: " " * len(match.group()), _without_fences(text))
        for match in [*_LINK.finditer(plain), *_DEFINITION.finditer(plain)]:
            target = match[1]
            if not _SCHEME.match(target):
                problem = _broken(tree, path, target) or _mislabelled(match.group(), target)
                if problem:
                    yield Finding(path, line_of(plain, match.start()), "link", f"{target}: {problem}")


def _mislabelled(link: str, target: str) -> str | None:
    """A label that reads like a file's name or path is the one of the target, or the end of it."""
    label = re.match(r"\[([\w.+/-]+\.(?:swift|py|sql|lua|md|yaml))\]", link)
    named = target.partition("#")[0]
    if label and not ("/" + posixpath.normpath(named)).endswith("/" + label[1]):
        return f"the label is {label[1]}, which is another file"
    return None


def references(tree: Tree) -> Iterator[Finding]:
    """A `Type.member` in docs/ is declared where the type or an extension of it is, a `module.name` in ops/faults."""
    for path, text in tree.texts.items():
        if not path.startswith("docs/") or not path.endswith(".md"):
            continue
        plain = _without_fences(text)
        for match in _CODE_SPAN.finditer(plain):
            problem = _undeclared(tree, match[1])
            if problem:
                yield Finding(path, line_of(plain, match.start()), "reference", problem)


def paths(tree: Tree) -> Iterator[Finding]:
    """A path that a document names in code style is there; the changelog may name what was."""
    for path, text in tree.texts.items():
        if not path.endswith(".md") or path == "CHANGELOG.md":
            continue
        plain = _without_fences(text)
        for match in _CODE_SPAN.finditer(plain):
            place = match[1].partition(" ")[0].rstrip("/")
            if _OWN_PATH.match(place) and place not in tree.folders and place not in tree.paths:
                yield Finding(path, line_of(plain, match.start()), "path", f"{place} is not there")


def statements(tree: Tree) -> Iterator[Finding]:
    """A statement that docs/architecture.md names is one of the store's."""
    text = tree.texts.get(module_graph.DOCUMENT, "")
    section = _PROTOCOL.search(text)
    for row in re.finditer(r"^\|.*\|([^|]*)\|$", section[1] if section else "", re.MULTILINE):
        for name in _CODE_SPAN.findall(row[1]):
            if not any(
                f'"{name}"' in code if path.endswith(".swift") else path.endswith(f"/{name}.sql")
                for path, code in tree.texts.items()
                if path.startswith(_STATEMENTS)
            ):
                line = line_of(text, section.start(1) + row.start()) if section else 1
                yield Finding(module_graph.DOCUMENT, line, "statement", f"{_STATEMENTS} has no statement {name}")


def graph(tree: Tree) -> Iterator[Finding]:
    """The diagram in docs/architecture.md is that of Package.swift."""
    text = tree.texts.get(module_graph.DOCUMENT, "")
    if not tree.targets:
        return
    shown = module_graph.shown(text)
    if shown is None:
        yield Finding(module_graph.DOCUMENT, 1, "module-graph", "there is no module graph between its marks")
    elif shown != module_graph.drawn(tree.targets):
        line = line_of(text, text.index(module_graph.BEGIN))
        yield Finding(
            module_graph.DOCUMENT, line, "module-graph", "is not that of Package.swift; ops/check --update draws it"
        )


def layout(tree: Tree) -> Iterator[Finding]:
    """README's table of folders names what is there, and leaves out no target."""
    text = tree.texts.get("README.md", "")
    section = _LAYOUT.search(text)
    if section is None:
        return
    listed: set[str] = set()
    for row in re.finditer(r"^\| *(`.*?) \|", section[1], re.MULTILINE):
        parent = ""
        for name in _CODE_SPAN.findall(row[1]):
            # "`Sources/FleetStore`, `FleetBus`": the later ones are neighbours of the first.
            place = name if "/" in name or not parent else f"{parent}/{name}"
            parent = parent or posixpath.dirname(name)
            listed.add(place)
            if place not in tree.folders and place not in tree.paths:
                line = line_of(text, section.start(1) + row.start())
                yield Finding("README.md", line, "layout", f"{place} is not there")
    for target in tree.targets:
        if not any(target.path == place or target.path.startswith(place + "/") for place in listed):
            yield Finding("README.md", line_of(text, section.start()), "layout", f"{target.path} is not in the table")


def _without_fences(text: str) -> str:
    return _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def _broken(tree: Tree, path: str, target: str) -> str | None:
    file, _, anchor = unquote(target).partition("#")
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    if place not in tree.folders and place not in tree.texts and place not in tree.others:
        return "there is no such file"
    if anchor and place.endswith(".md") and anchor not in _anchors(tree.texts[place]):
        return "there is no such heading"
    return None


@cache
def _anchors(text: str) -> frozenset[str]:
    """The anchors that GitHub makes of headings."""
    seen: dict[str, int] = {}
    anchors = set()
    for heading in _HEADING.findall(_without_fences(text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        anchors.add(f"{slug}-{count}" if count else slug)
    return frozenset(anchors)


def _undeclared(tree: Tree, span: str) -> str | None:
    match = _REFERENCE.match(span)
    if match and match[2] not in _ENDINGS:
        files = tree.declaring.get(match[1])
        if not files:
            return f"there is no {match[1]}"
        declared = rf"\b(?:func|let|var|case|struct|class|enum|typealias)\s+{match[2]}\b"
        if not any(re.search(declared, tree.code(path)) for path in files):
            return f"{match[1]} declares no {match[2]}"
    match = _PYTHON_REFERENCE.match(span)
    if match:
        text = tree.texts.get(f"ops/faults/{match[1]}.py")
        if text is None or not re.search(rf"^(?:def |class )?{match[2]}\b", text, re.MULTILINE):
            return f"ops/faults/{match[1]}.py has no {match[2]}"
    return None


RULES = (links, references, paths, statements, graph, layout)
