"""Rules for the targets of Package.swift and what they import."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .finding import Finding
from .tree import Target, Tree, line_of

#: Modules that come with the toolchain.
TOOLCHAIN = {
    "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl",
    "PackageDescription", "Swift", "Synchronization", "Testing", "XCTest",
}
INTERNAL_IMPORTS = 7
#: Libraries that are a whole program but for its start: they put modules together, and they print.
COMMAND_LINES = {"Commands"}

CLIENTS = {"AMQPClient", "PostgresClient", "RedisClient", "HTTPTransport"}
#: Module, what it must not reach through any of its dependencies, why.
BORDERS: list[tuple[set[str], set[str], str]] = [
    (CLIENTS, {"FleetCore"}, "clients know nothing of tasks"),
    ({"FleetCore"}, CLIENTS | {"BlockingIO"}, "the domain does no I/O"),
    ({"Scheduling", "Execution", "Gateway"}, CLIENTS, "features see ports, not clients"),
]

_IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|let|var|typealias)\s+)?(\w+)",
    re.MULTILINE,
)
#: Each program's own.
_MAIN = "App"
_OUTER_TYPE = re.compile(
    r"^(?:(?:public|package|internal|final|indirect|nonisolated|@\w+(?:\([^)]*\))?)\s+)*"
    r"(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)",
    re.MULTILINE,
)
_PRINT = re.compile(r"(?<![.\w])(?:print|debugPrint|dump)\s*\(")


def explicit_imports(tree: Tree) -> Iterator[Finding]:
    """A target declares every module that it imports, and imports every one that it declares."""
    by_name = {target.name: target for target in tree.targets}
    for target in tree.targets:
        if target.is_system:
            continue
        declared = {_module(name): name for name in target.dependencies}
        imported = imports(tree, target)
        for module, (path, line) in sorted(imported.items()):
            if module not in declared and module not in TOOLCHAIN and module != _module(target.name):
                yield Finding(
                    path, line, "explicit-imports", f"{target.name} does not declare {module} in Package.swift"
                )
        for module, name in sorted(declared.items()):
            # A test that depends on a program wants it built, to run it.
            is_program = name in by_name and by_name[name].kind == "executable"
            if module not in imported and not is_program:
                text = f"{target.name} declares {name} and imports it nowhere"
                yield Finding("Package.swift", _declaration(tree, target.name), "explicit-imports", text)


def internal_imports(tree: Tree) -> Iterator[Finding]:
    """A library depends on at most seven modules of this package."""
    own = {target.name for target in tree.targets if not target.is_system}
    for target in tree.targets:
        count = len(own.intersection(target.dependencies))
        if target.kind == "regular" and target.name not in COMMAND_LINES and count > INTERNAL_IMPORTS:
            text = f"{target.name} depends on {count} modules of this package, at most {INTERNAL_IMPORTS} are allowed"
            yield Finding("Package.swift", _declaration(tree, target.name), "internal-imports", text, count)


def borders(tree: Tree) -> Iterator[Finding]:
    """Clients know no tasks, the domain no I/O, features no clients."""
    by_name = {target.name: target for target in tree.targets}

    @cache
    def reach(name: str) -> frozenset[str]:
        names = by_name[name].dependencies if name in by_name else ()
        return frozenset(names).union(*(reach(one) for one in names))

    for modules, forbidden, why in BORDERS:
        for name in sorted(modules & by_name.keys()):
            for other in sorted(reach(name) & forbidden):
                yield Finding("Package.swift", _declaration(tree, name), "border", f"{name} reaches {other}: {why}")


def name_twice(tree: Tree) -> Iterator[Finding]:
    """No two modules of the product have a type of the same name: each word means one thing."""
    places: dict[str, set[str]] = {}
    for target in tree.targets:
        if not target.is_system and not target.path.startswith("Tests/"):
            for path in tree.files_of(target):
                for name in _OUTER_TYPE.findall(tree.code(path)):
                    places.setdefault(name, set()).add(path)
    for name, paths in sorted(places.items()):
        if len(paths) > 1 and name != _MAIN:
            first, *others = sorted(paths)
            yield Finding(first, 1, "name-twice", f"{name} is also in {', '.join(others)}")


def tested(tree: Tree) -> Iterator[Finding]:
    """Each library has tests of its own name; those of Tests are tested by their use."""
    tests = {target.name for target in tree.targets if target.kind == "test"}
    for target in tree.targets:
        if target.kind == "regular" and not target.path.startswith("Tests/") and f"{target.name}Tests" not in tests:
            yield Finding(target.path, 1, "untested", f"there is no {target.name}Tests")


def printing(tree: Tree) -> Iterator[Finding]:
    """A library logs; only programs print."""
    for target in tree.targets:
        if target.kind != "regular" or target.name in COMMAND_LINES:
            continue
        for path in tree.files_of(target):
            for match in _PRINT.finditer(tree.code(path)):
                line = line_of(tree.code(path), match.start())
                yield Finding(path, line, "print", f"{target.name} is a library: log, or return the text")


def imports(tree: Tree, target: Target) -> dict[str, tuple[str, int]]:
    """Imported modules with the first place of each."""
    found: dict[str, tuple[str, int]] = {}
    for path in tree.files_of(target):
        code = tree.code(path)
        for match in _IMPORT.finditer(code):
            found.setdefault(match[1], (path, line_of(code, match.start(1))))
    return found


def _module(name: str) -> str:
    return name.replace("-", "_")


def _declaration(tree: Tree, name: str) -> int:
    match = re.search(rf'\(\s*(?:name:\s*)?"{re.escape(name)}"', tree.texts.get("Package.swift", ""))
    return line_of(tree.texts["Package.swift"], match.start()) if match else 1


RULES = (explicit_imports, internal_imports, borders, name_twice, tested, printing)
