"""Rules for single Swift files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from .finding import Finding
from .swift_code import closing, declared_types, functions
from .tree import Tree, line_of

FUNCTION_LINES = 60

_UNSTRUCTURED = re.compile(
    r"(?<![.\w])Task(?:\s*\.\s*(?:detached|immediate|immediateDetached|init))?\s*"
    r"(?:<[^{}<>]*(?:<[^{}<>]*>)?[^{}<>]*>\s*)?(?:(?:\([^(){}]*\)\s*)?\{|\([^(){}]*\boperation\s*:)"
)
_DECLARES_TASK = re.compile(r"\b(?:struct|class|enum|actor|extension|protocol)\s+[\w.]*$|(?:->|:)\s*$")
_TRAPS = re.compile(r"\btry!|\bfatalError\s*\(|\bas!")
_UNPROVEN = re.compile(r"@unchecked\s+Sendable|nonisolated\(unsafe\)")
_YIELD = re.compile(r"\bTask\.yield\s*\(")
_EXPECTATION = re.compile(r"#(?:expect|require)\s*(\()")
_WALL_TIME = re.compile(r"(?:\.now\b|\bnow\(\)|\bduration\(to:|\belapsed\b|\btook\b)[^&|]*<|\.measure\b")
#: Who names one of the servers there has to do with it.
_SERVERS = "Tests/TestServers"
_SERVER = re.compile(r"Server|Database|Broker|Bouncer")
_TEST_PREFIX = re.compile(r"@Test\b[^{}]*?\bfunc\s+(test[A-Z_]\w*)")
_FUNCTION = re.compile(r"^(?:\w+\s+)*func\s+((?:with)?(\w+))", re.MULTILINE)


def function_length(tree: Tree) -> Iterator[Finding]:
    """A function has at most 60 lines."""
    for path in tree.swift():
        for function in functions(tree.code(path)):
            if function.length > FUNCTION_LINES:
                text = f"{function.name} has {function.length} lines, at most {FUNCTION_LINES} are allowed"
                yield Finding(path, function.first_line, "function-length", text, function.length)


def unstructured_task(tree: Tree) -> Iterator[Finding]:
    """One task tree: no task that no group waits for."""
    for path in tree.swift():
        code = tree.code(path)
        for match in _UNSTRUCTURED.finditer(code):
            if not _DECLARES_TASK.search(code, max(0, match.start() - 80), match.start()):
                text = "a task outside the task tree: use a task group or `async let`"
                yield Finding(path, line_of(code, match.start()), "unstructured-task", text)


def traps(tree: Tree) -> Iterator[Finding]:
    """No `try!`, no `fatalError`, no `as!`."""
    yield from _matches(tree, _TRAPS, "trap", "ends the process instead of reporting an error")


def unchecked_sendable(tree: Tree) -> Iterator[Finding]:
    """What the compiler does not check is proven in the comment above it."""
    for path in tree.swift():
        code, lines = tree.code(path), tree.texts[path].splitlines()
        for match in _UNPROVEN.finditer(code):
            line = line_of(code, match.start())
            comment = _comment_above(lines, line)
            if not comment or (match.group().startswith("@") and "@unchecked Sendable`: " not in comment):
                text = "the comment above says why this is safe, after \"`@unchecked Sendable`: \""
                yield Finding(path, line, "unproven", text)


def busy_wait(tree: Tree) -> Iterator[Finding]:
    """Nobody waits by yielding: that burns a core until something happens."""
    yield from _matches(tree, _YIELD, "busy-wait", "wait for a signal instead of yielding")


def wall_clock(tree: Tree) -> Iterator[Finding]:
    """No test fails because the machine is slow: figures belong in benchmarks."""
    for path in tree.swift("Tests"):
        code = tree.code(path)
        for match in _EXPECTATION.finditer(code):
            condition = code[match.start() : closing(code, match.start(1))]
            if _WALL_TIME.search(condition):
                text = "expects a duration of the machine's clock"
                yield Finding(path, line_of(code, match.start()), "wall-clock", text)


def test_name(tree: Tree) -> Iterator[Finding]:
    """A test's name states a fact; `test` says nothing."""
    for path in tree.swift("Tests"):
        for match in _TEST_PREFIX.finditer(tree.code(path)):
            yield Finding(path, line_of(tree.code(path), match.start(1)), "test-name", f"{match[1]} states no fact")


def file_name(tree: Tree) -> Iterator[Finding]:
    """A file is named after a type in it, its one function, or the type that it extends and a topic."""
    for path in tree.swift():
        name, _, topic = PurePosixPath(path).stem.partition("+")
        names = declared_types(tree.code(path))
        # A file may be one function: `WithClient` has withClient, `FieldTable` has withFieldTable.
        called = _FUNCTION.findall(tree.code(path))
        names |= {one[:1].upper() + one[1:] for pair in called for one in pair}
        is_named = name in names or (topic and any(one.startswith(name) for one in names))
        if not is_named and name != "Package":
            yield Finding(path, 1, "file-name", f"declares and extends no {name}")


def _matches(tree: Tree, pattern: re.Pattern[str], rule: str, text: str) -> Iterator[Finding]:
    for path in tree.swift():
        code = tree.code(path)
        for match in pattern.finditer(code):
            yield Finding(path, line_of(code, match.start()), rule, f"{match.group().strip()} {text}")


def _comment_above(lines: list[str], line: int) -> str:
    """The comment that ends above a line, with attributes and the rest of the declaration between them left out."""
    above = line - 2
    while above >= 0 and lines[above].strip() and not lines[above].lstrip().startswith("//") and (
        lines[above].lstrip().startswith("@") or not lines[above].rstrip().endswith(("{", "}", ")"))
    ):
        above -= 1
    comment: list[str] = []
    while above >= 0 and lines[above].lstrip().startswith("//"):
        comment.insert(0, lines[above].strip())
        above -= 1
    return " ".join(comment)


def time_limit(tree: Tree) -> Iterator[Finding]:
    """Tests with servers have a time limit: a server that does not answer fails a test instead of the whole run."""
    servers = {stem for path in tree.swift(_SERVERS) if _SERVER.search(stem := PurePosixPath(path).stem)}
    for path in tree.swift("Tests"):
        code = tree.code(path)
        if "@Test" in code and ".timeLimit(" not in code and servers.intersection(re.findall(r"\w+", code)):
            yield Finding(path, line_of(code, code.index("@Test")), "time-limit", "tests with servers need .timeLimit")


RULES = (
    function_length, unstructured_task, traps, unchecked_sendable, busy_wait, wall_clock, test_name, time_limit,
    file_name,
)
