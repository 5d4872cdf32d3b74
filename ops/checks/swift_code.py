"""Just enough reading of Swift to tell code from comments and strings, and one function from the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# An interpolation with a string in it ends a literal too early; what shows then is an expression, which does no harm.
_COMMENT_OR_STRING = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | (?P<hashes>\#*)\"\"\".*?\"\"\"(?P=hashes)
    | \#+"[^\n]*?"\#+
    | "(?:\\.|[^"\\\n])*"
    """,
    re.VERBOSE | re.DOTALL,
)
_TYPE = re.compile(r"\b(?:struct|class|enum|actor|protocol|extension|typealias)\s+([\w.]+)")
_FUNCTION = re.compile(r"\b(?:func\s+(?P<name>[^\s(<]+)|(?P<init>init)[?!]?|(?P<deinit>deinit))\s*(?=[(<{])")
# What cannot stand between a function's parameters and its body: effects, a result, requirements, all without these.
_NEXT_DECLARATION = re.compile(r"[};=]|\n\s*\n|\n\s*(?:@|func|var|let|init|case|static|mutating|associatedtype)\b")


@dataclass(frozen=True)
class Function:
    """A function with a body; lines count from 1."""

    name: str
    first_line: int
    last_line: int

    @property
    def length(self) -> int:
        return self.last_line - self.first_line + 1


def declared_types(code: str) -> set[str]:
    """The types that masked code declares or extends; of `A.B` both names."""
    return {part for name in _TYPE.findall(code) for part in name.split(".")}


def masked(text: str) -> str:
    """The text with comments and strings as blanks: same length, same lines."""
    return _COMMENT_OR_STRING.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def functions(code: str) -> Iterator[Function]:
    """The functions of masked code, nested ones too."""
    for match in _FUNCTION.finditer(code):
        if match["init"] and code[: match.start()].rstrip().endswith((".", "=")):
            continue
        opening = _body(code, match.end())
        if opening is None:
            continue
        name = match["name"] or match["init"] or match["deinit"]
        first = code.count("\n", 0, match.start()) + 1
        yield Function(name, first, first + code.count("\n", match.start(), closing(code, opening)))


def closing(code: str, opening: int) -> int:
    """Where the bracket that opens at an offset closes; the end if it never does."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    other, depth = pairs[code[opening]], 0
    for match in re.compile(re.escape(code[opening]) + "|" + re.escape(other)).finditer(code, opening):
        depth += 1 if match.group() == code[opening] else -1
        if depth == 0:
            return match.start()
    return len(code)


def _body(code: str, offset: int) -> int | None:
    """Where a function's body begins; none in a protocol, and none if this is a call."""
    if code[offset] == "<":
        offset = code.find("(", offset)
    after = closing(code, offset) + 1 if code[offset] == "(" else offset
    opening = code.find("{", after)
    if opening < 0 or _NEXT_DECLARATION.search(code, after, opening):
        return None
    return opening
