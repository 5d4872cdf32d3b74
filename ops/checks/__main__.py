"""`python3 -m checks`: holds the repository against the house rules; see ops/check."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import (
    comment_rules,
    container_rules,
    document_rules,
    exceptions,
    file_rules,
    module_graph,
    package_rules,
    swift_rules,
)
from .tree import Tree

ROOT = Path(__file__).resolve().parents[2]
RULES = (
    *swift_rules.RULES, *comment_rules.RULES, *file_rules.RULES, *package_rules.RULES, *document_rules.RULES,
    *container_rules.RULES,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="checks", description=__doc__)
    parser.add_argument(
        "--update", action="store_true", help="draw the module graph, lower exceptions that are not needed"
    )
    parser.add_argument("--rules", action="store_true", help="list the rules")
    options = parser.parse_args()
    if options.rules:
        for rule in RULES:
            print(rule.__doc__)
        return 0
    tree = Tree.of_repository(ROOT)
    if options.update:
        update(tree)
        tree = Tree.of_repository(ROOT)
    found = [finding for rule in RULES for finding in rule(tree)]
    left = exceptions.judged(found, exceptions.parsed(tree.texts[exceptions.FILE]))
    for finding in left:
        print(finding)
    print(f"{len(RULES)} rules, {len(tree.texts)} files, {len(left)} findings", file=sys.stderr)
    return 1 if left else 0


def update(tree: Tree) -> None:
    """Writes what is made from the code."""
    document = ROOT / module_graph.DOCUMENT
    document.write_text(module_graph.replaced(document.read_text(), tree.targets))
    found = [finding for rule in RULES for finding in rule(tree)]
    exceptions.shrink(ROOT / exceptions.FILE, found)


sys.exit(main())
