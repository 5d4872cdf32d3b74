"""Each rule for containers can fail: `python3 -m unittest checks.container_rule_tests`."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterable
from typing import Any

from . import container_rules as rules
from .finding import Finding
from .tree import Tree

Rule = Callable[[Tree], Iterable[Finding]]

SETTINGS = {rules.SETTINGS: 'known = ["DATABASE_URL", "MIXMYAI_PORT", "MIXMYAI_DRAIN_SECONDS"]'}
SAFE = """
services:
  a:
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
    ports: ["127.0.0.1:80:80"]
"""


class ContainerRuleTests(unittest.TestCase):
    """What each rule finds, and what it leaves alone."""

    def found(self, rule: Rule, texts: dict[str, str], description: dict[str, Any] | None = None) -> list[str]:
        return [one.text for one in rule(Tree(texts, description or {}))]

    def compose(self, rule: Rule, text: str) -> list[str]:
        return self.found(rule, {rules.COMPOSE: text, **SETTINGS})

    def test_image_programs(self) -> None:
        def package(*names: str) -> dict[str, Any]:
            paths = {"bench": "ops/benchmarks/Bench"}
            return {
                "products": [
                    *({"name": name, "type": {"executable": None}, "targets": [name]} for name in names),
                    {"name": "Library", "type": {"library": ["automatic"]}, "targets": ["Library"]},
                ],
                "targets": [
                    {"name": name, "type": "executable", "path": paths.get(name), "dependencies": []} for name in names
                ],
            }

        texts = {rules.IMAGE: "RUN for program in gateway worker; do \\\n"}
        self.assertFalse(self.found(rules.image_programs, texts, package("gateway", "worker", "bench")))
        self.assertTrue(self.found(rules.image_programs, texts, package("gateway", "worker", "scheduler")))
        self.assertTrue(self.found(rules.image_programs, texts, package("gateway")))
        self.assertTrue(self.found(rules.image_programs, {rules.IMAGE: "FROM x\n"}, package("gateway")))

    def test_image_context(self) -> None:
        package = {"targets": [{"name": "A", "type": "regular", "path": "workers/A", "dependencies": []}]}
        good = "*\n!Package.swift\n!workers\n"
        self.assertFalse(self.found(rules.image_context, {rules.IGNORED: good}, package))
        for bad in (good.replace("!workers", "workers"), good.replace("!Package.swift\n", "")):
            self.assertTrue(self.found(rules.image_context, {rules.IGNORED: bad}, package), bad)

    def test_image_catalogues(self) -> None:
        there = {"workers/agents/agents.yaml": "", "workers/agents/models.yaml": ""}
        good = (
            "COPY workers/agents/ /etc/agents/\nENV MIXMYAI_AGENTS=/etc/agents/agents.yaml \\\n"
            "    MIXMYAI_MODELS=/etc/agents/models.yaml\n"
        )
        self.assertFalse(self.found(rules.image_catalogues, {rules.IMAGE: good, **there}))
        for bad in (good.replace("models.yaml", "prices.yaml"), good.replace("COPY", "ADD"), good.partition("ENV")[0]):
            self.assertTrue(self.found(rules.image_catalogues, {rules.IMAGE: bad, **there}), bad)

    def test_container_settings(self) -> None:
        image = "ENV PATH=/bin \\\n    MIXMYAI_PORT=1\n"
        self.assertFalse(self.found(rules.container_settings, {rules.IMAGE: image, **SETTINGS}))
        self.assertTrue(self.found(rules.container_settings, {rules.IMAGE: image.replace("PORT", "PROT"), **SETTINGS}))
        good = "services: {a: {environment: {MIXMYAI_PORT: 1}, secrets: [X, {target: /run/mixmyai/DATABASE_URL}]}}"
        self.assertFalse(self.compose(rules.container_settings, good))
        for bad in (
            good.replace("MIXMYAI_PORT", "MIXMYAI_PROT"),
            good.replace("DATABASE_URL", "DATABASE_ULR"),
            good.replace("/run/mixmyai", "/run/secrets"),
            good.replace(": 1", ": '${MIXMYAI_PORT:-1}'"),
        ):
            self.assertEqual(len(self.compose(rules.container_settings, bad)), 1, bad)

    def test_hardened(self) -> None:
        self.assertFalse(self.compose(rules.hardened, SAFE))
        for old, new in (
            ("    read_only: true\n", ""),
            ("read_only: true", "read_only: false"),
            ("[ALL]", "[NET_RAW]"),
            ("    restart", "    cap_add: [SYS_ADMIN]\n    restart"),
            ('["no-new-privileges:true"]', "[]"),
            ("    restart: unless-stopped\n", ""),
            ("    restart", "    privileged: true\n    restart"),
            ("    restart", "    network_mode: host\n    restart"),
            ("    restart", "    user: root\n    restart"),
            ("    restart", "    container_name: a\n    restart"),
            ("127.0.0.1:80:80", "80:80"),
            ("127.0.0.1:80:80", "0.0.0.0:80:80"),
        ):
            self.assertEqual(len(self.compose(rules.hardened, SAFE.replace(old, new))), 1, new)

    def test_grace(self) -> None:
        worker = "services: {w: {command: [worker], environment: {MIXMYAI_DRAIN_SECONDS: 90}, stop_grace_period: %s}}"
        self.assertFalse(self.compose(rules.grace, worker % "150s"))
        self.assertTrue(self.compose(rules.grace, worker % "149s"))
        self.assertTrue(self.compose(rules.grace, "services: {g: {command: [gateway]}}"))
        self.assertFalse(self.compose(rules.grace, "services: {g: {command: [gateway], stop_grace_period: 130s}}"))
        self.assertFalse(self.compose(rules.grace, "services: {g: {command: [mixmyai, migrate]}}"))

    def test_every_rule_is_tried(self) -> None:
        for rule in rules.RULES:
            self.assertTrue(hasattr(ContainerRuleTests, f"test_{rule.__name__}"), rule.__name__)


if __name__ == "__main__":
    unittest.main()
