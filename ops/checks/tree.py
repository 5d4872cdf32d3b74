"""The repository's files, from git or, for trying a rule, from a dictionary."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from .swift_code import declared_types, masked

#: Endings of files that are read as text.
TEXT = {
    "",
    ".swift",
    ".py",
    ".sh",
    ".md",
    ".yaml",
    ".yml",
    ".json",
    ".toml",
    ".txt",
    ".c",
    ".h",
    ".modulemap",
    ".sql",
    ".lua",
}
#: Written by others, or data.
FOREIGN = {"LICENSE", "Package.resolved", "ops/examples/backlog.jsonl"}


@dataclass(frozen=True)
class Target:
    """A target of Package.swift."""

    name: str
    kind: str
    path: str
    dependencies: tuple[str, ...]

    @property
    def is_system(self) -> bool:
        return self.kind == "system"


@dataclass
class Tree:
    """Texts by path relative to the root, and the package's description as `swift package dump-package` prints it."""

    texts: dict[str, str]
    package: dict[str, Any] = field(default_factory=dict)
    #: Paths that are there without being read: images, data.
    others: frozenset[str] = frozenset()

    @staticmethod
    def of_repository(root: Path) -> Tree:
        tree = Tree.of_files(root)
        # A folder of its own, so that nobody waits for a build that is under way.
        scratch = str(root / ".build" / "check-package")
        tree.package = json.loads(_output(root, "swift", "package", "--scratch-path", scratch, "dump-package"))
        return tree

    @staticmethod
    def of_files(root: Path) -> Tree:
        """Without the package's description."""
        listed = _output(root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        paths = sorted({path for path in listed if path and (root / path).is_file()})
        texts = {path: (root / path).read_text() for path in paths if _is_text(path)}
        return Tree(texts, others=frozenset(paths) - texts.keys())

    @property
    def paths(self) -> list[str]:
        return sorted(self.others | self.texts.keys())

    @cached_property
    def folders(self) -> set[str]:
        return {str(parent) for path in self.paths for parent in PurePosixPath(path).parents}

    def swift(self, *under: str) -> dict[str, str]:
        """Swift files as they are; with folders, only those below them."""
        return {path: text for path, text in self.texts.items() if path.endswith(".swift") and is_below(path, under)}

    def code(self, path: str) -> str:
        """A Swift file in which comments and string literals are blanks; line numbers stay."""
        if path not in self._code:
            self._code[path] = masked(self.texts[path])
        return self._code[path]

    @cached_property
    def declaring(self) -> dict[str, list[str]]:
        """The Swift files that declare or extend a type, by its name."""
        found: dict[str, list[str]] = {}
        for path in self.swift():
            for name in set(declared_types(self.code(path))):
                found.setdefault(name, []).append(path)
        return found

    @cached_property
    def _code(self) -> dict[str, str]:
        return {}

    @cached_property
    def targets(self) -> list[Target]:
        return [
            Target(
                one["name"], one["type"], one.get("path") or f"{_home(one['type'])}/{one['name']}",
                tuple(_dependency(entry) for entry in one["dependencies"]),
            )
            for one in self.package.get("targets", [])
        ]

    def files_of(self, target: Target) -> dict[str, str]:
        return self.swift(target.path)


def is_below(path: str, folders: tuple[str, ...]) -> bool:
    return not folders or any(path.startswith(folder.rstrip("/") + "/") for folder in folders)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _is_text(path: str) -> bool:
    return PurePosixPath(path).suffix in TEXT and path not in FOREIGN


def _home(kind: str) -> str:
    return "Tests" if kind == "test" else "Sources"


def _dependency(entry: dict[str, Any]) -> str:
    (name, *_rest), = entry.values()
    return str(name)


def _output(root: Path, *command: str) -> str:
    return subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout
