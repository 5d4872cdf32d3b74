"""Rules for what comments in Swift say: links lead somewhere, words add something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .finding import Finding
from .swift_code import closing
from .tree import Tree

_LINK = re.compile(r"``([^`\n]+)``")
_NAMED = re.compile(r"\b(?:var|let|case|struct|class|enum|actor|protocol|typealias|associatedtype|func)\s+(\w+)")
_LATER_CASE = re.compile(r"\bcase\s+[^\n:{]*")
_CALLABLE = re.compile(r"\b(?:func\s+([^\s(<]+)|(init)[?!]?|(subscript))\s*(?=[(<])")
_LABEL = re.compile(r"(?:^|,)\s*(?:@\w+\s+)*(\w+)(?:\s+\w+)?\s*:")
#: A subscript's parameter has a label only if it has two names.
_SUBSCRIPT_LABEL = re.compile(r"(?:^|,)\s*(?:(\w+)\s+)?\w+\s*:")
_CODE_IN_COMMENT = re.compile(
    r"//\s*(?:(?:let|var|return|await|try|guard|if|for|while|func|import)\b.*[={(]|[\w.]+\(.*\)\s*\{?)\s*$"
)
#: Words that say nothing by themselves, without their endings.
_FILLERS = {
    re.sub(r"(?:s|e)$", "", word)
    for word in re.findall(
        r"\w+", "a all an and are as at by for has have how in is it its of on one or that the their this to what with"
    )
}


def comment_link(tree: Tree) -> Iterator[Finding]:
    """A link in a comment leads to a declaration, with the labels that it has."""
    modules = {target.name for target in tree.targets}
    names, signatures = _declared(tuple(tree.code(path) for path in tree.swift()))
    for path, text in tree.swift().items():
        for number, line in enumerate(text.splitlines(), 1):
            if not line.lstrip().startswith("///"):
                continue
            for link in _LINK.findall(line):
                *owners, last = re.sub(r"-\(.*$", "", link).split("/")
                base = last.partition("(")[0]
                is_there = last in signatures if "(" in last else base in names
                if not is_there or not names.union(modules).issuperset(owners):
                    yield Finding(path, number, "comment-link", f"``{link}`` leads nowhere")


def code_in_comment(tree: Tree) -> Iterator[Finding]:
    """No code that is commented out."""
    for path, text in tree.swift().items():
        for number, line in enumerate(text.splitlines(), 1):
            if line.lstrip().startswith("//") and not line.lstrip().startswith("///") and _CODE_IN_COMMENT.search(line):
                yield Finding(path, number, "commented-out", "code in a comment: git remembers it")


def empty_comment(tree: Tree) -> Iterator[Finding]:
    """No comment that only repeats the words of its declaration."""
    for path, text in tree.swift().items():
        lines = text.splitlines()
        for number, line in enumerate(lines[:-1], 1):
            comment, declaration = line.strip(), lines[number].strip()
            is_alone = comment.startswith("/// ") and not lines[number - 2].lstrip().startswith("///")
            # Numbers and names in code style are more than the declaration has.
            if not is_alone or declaration.startswith(("/", "@")) or re.search(r"[\d`]", comment):
                continue
            if _words(comment) - _FILLERS <= _words(declaration):
                said = f"\"{comment.removeprefix('/// ')}\" is what the declaration says"
                yield Finding(path, number, "empty-comment", said)


@cache
def _declared(codes: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Every declared name, and of what takes arguments the name with its labels."""
    names: set[str] = set()
    signatures: set[str] = set()
    for code in codes:
        names.update(_NAMED.findall(code))
        # `case a, b(Int)` declares both.
        for cases in _LATER_CASE.findall(code):
            names.update(re.findall(r"\w+", cases))
        for match in _CALLABLE.finditer(code):
            opening = code.find("(", match.end()) if code[match.end()] == "<" else match.end()
            parameters = code[opening + 1 : closing(code, opening)]
            label = _SUBSCRIPT_LABEL if match[3] else _LABEL
            labels = "".join(f"{one or '_'}:" for one in label.findall(_outermost(parameters)))
            signatures.add(f"{match[1] or match[2] or match[3]}({labels})")
    return frozenset(names), frozenset(signatures)


def _outermost(parameters: str) -> str:
    """Parameters without what is inside brackets of their types and defaults."""
    depth, kept = 0, []
    for character in parameters:
        depth -= character in ")]}"
        if depth == 0 and character not in ")]}":
            kept.append(character)
        depth += character in "([{"
    return "".join(kept).replace("(", "").replace("[", "").replace("{", "")


def _words(text: str) -> set[str]:
    """The words of a sentence and of the names in it, without their endings."""
    parts = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return {re.sub(r"(?:ies|es|s|ed|ing|e)$", "", part) for part in parts}


RULES = (comment_link, code_in_comment, empty_comment)
