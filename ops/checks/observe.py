"""`python3 -m checks.observe FILE`: the rules for ops/observe; the expressions of panels go into FILE, for promtool."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from . import observe_rules
from .tree import Tree


def main() -> int:
    tree = Tree.of_files(Path(__file__).resolve().parents[2])
    found = [finding for rule in observe_rules.RULES for finding in rule(tree)]
    for finding in found:
        print(finding)
    rules = [
        {"record": f"panel:expression:{number}", "expr": expression}
        for number, (_, expression) in enumerate(observe_rules.panel_expressions(tree))
    ]
    # JSON is YAML.
    Path(sys.argv[1]).write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}, indent=1))
    return 1 if found else 0


sys.exit(main())
