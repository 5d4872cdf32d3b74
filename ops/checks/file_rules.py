"""Rules for every file of the repository, whatever it holds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from .finding import Finding
from .tree import Tree

FILE_LINES = 400
LIMITED = (".swift", ".py", ".sh", ".c", "")

# Spelled so that this file does not break its own rule.
_MARKS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
_MACHINE = re.compile(r"(?<![\w.$}*/-])/(?:(?:ho" r"me|Users)/[\w.-]+/|(?:ro" r"ot|wo" r"rk|mnt)/)[\w.-]+")
_DRAWERS = {"util", "utils", "utilities", "helper", "helpers", "misc", "common", "extensions", "stuff"}
#: `common.sh` is what every command sources.
_KNOWN_DRAWERS = {"ops/lib/common.sh"}


def file_length(tree: Tree) -> Iterator[Finding]:
    """A source file has at most 400 lines, usually 40 to 200."""
    for path, text in tree.texts.items():
        count = text.count("\n")
        if PurePosixPath(path).suffix in LIMITED and count > FILE_LINES:
            yield Finding(path, 1, "file-length", f"{count} lines, at most {FILE_LINES} are allowed", count)


def marks(tree: Tree) -> Iterator[Finding]:
    """What is left to do is an issue, not a mark in the code."""
    yield from _lines(tree, _MARKS, "mark", "is to be done or deleted, not marked")


def machine_path(tree: Tree) -> Iterator[Finding]:
    """No path that only one machine has."""
    yield from _lines(tree, _MACHINE, "machine-path", "is a path of one machine")


def letter_case(tree: Tree) -> Iterator[Finding]:
    """No two files or folders that differ only in case: elsewhere they are one."""
    spellings = defaultdict(set)
    for path in [*tree.paths, *tree.folders]:
        spellings[path.lower()].add(path)
    for same in spellings.values():
        if len(same) > 1:
            first, *others = sorted(same)
            yield Finding(first, 1, "letter-case", f"differs only in case from {', '.join(others)}")


def white_space(tree: Tree) -> Iterator[Finding]:
    """As .editorconfig says: no white space at the end of a line, no tabs, a line feed at the end."""
    for path, text in tree.texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip() or "\t" in line:
                yield Finding(path, number, "white-space", "white space at the end, a tab or a carriage return")
        if text and not text.endswith("\n"):
            yield Finding(path, text.count("\n") + 1, "white-space", "the last line has no end")


def commands(tree: Tree) -> Iterator[Finding]:
    """Each command of ops says at its head what it does, for ops/help, and README names it."""
    for path, text in tree.texts.items():
        if re.fullmatch(r"ops/[^/.]+", path):
            if not re.match(r"#![^\n]*\n# [A-Z]", text):
                yield Finding(path, 2, "command", "its second line does not say what it does")
            if not re.search(rf"\b{path}\b", tree.texts.get("README.md", "")):
                yield Finding("README.md", 1, "command", f"does not name {path}")


def drawer(tree: Tree) -> Iterator[Finding]:
    """A file or folder is named after what it is, not after a drawer."""
    for path in tree.paths:
        words = {PurePosixPath(part).stem.lower() for part in PurePosixPath(path).parts}
        if words & _DRAWERS and path not in _KNOWN_DRAWERS:
            yield Finding(path, 1, "drawer", f"{', '.join(words & _DRAWERS)} says nothing about what is in it")


def _lines(tree: Tree, pattern: re.Pattern[str], rule: str, text: str) -> Iterator[Finding]:
    for path, whole in tree.texts.items():
        if not pattern.search(whole):
            continue
        for number, line in enumerate(whole.splitlines(), 1):
            for match in pattern.finditer(line):
                yield Finding(path, number, rule, f"{match.group()} {text}")


RULES = (file_length, marks, machine_path, letter_case, white_space, commands, drawer)
