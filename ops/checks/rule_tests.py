"""Each rule can fail: a tree that breaks it, and one that does not. `python3 -m unittest checks.rule_tests`."""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import comment_rules, document_rules, exceptions, file_rules, module_graph, package_rules, swift_rules
from .finding import Finding
from .swift_code import functions, masked
from .tree import Tree

Rule = Callable[[Tree], Iterable[Finding]]


def package(*targets: tuple[str, str, list[str]]) -> dict[str, Any]:
    """A package of targets: name, kind, dependencies."""
    return {
        "targets": [
            {"name": name, "type": kind, "dependencies": [{"byName": [one, None]} for one in dependencies]}
            for name, kind, dependencies in targets
        ]
    }


class RuleTests(unittest.TestCase):
    """What each rule finds, and what it leaves alone."""

    def found(self, rule: Rule, texts: dict[str, str], description: dict[str, Any] | None = None) -> list[str]:
        return [f"{one.path}:{one.line}" for one in rule(Tree(texts, description or {}))]

    def swift(self, rule: Rule, code: str, path: str = "Tests/ATests/ATests.swift") -> list[str]:
        return self.found(rule, {path: code})

    def test_function_length(self) -> None:
        body = "    let x = 1\n"
        self.assertTrue(self.swift(swift_rules.function_length, "func a() {\n" + body * 59 + "}\n"))
        self.assertFalse(self.swift(swift_rules.function_length, "func a() {\n" + body * 58 + "}\n"))
        self.assertTrue(
            self.swift(swift_rules.function_length, "    init(\n        a: Int\n    ) throws {\n" + body * 60 + "}")
        )
        self.assertFalse(
            self.swift(swift_rules.function_length, "protocol P {\n    func a()\n}\nenum E {\n" + body * 90 + "}")
        )

    def test_functions_end_where_they_end(self) -> None:
        code = masked('func a(_ b: () -> Int) async throws(E) -> Int where T: P {\n    "}" // }\n}\nstruct S {\n}\n')
        self.assertEqual([(one.name, one.first_line, one.last_line) for one in functions(code)], [("a", 1, 3)])

    def test_unstructured_task(self) -> None:
        for code in (
            "Task {",
            "Task.detached {",
            "let a = Task<Void, Never> {",
            "Task(priority: .low) {",
            "Task.init {",
            "Task(executorPreference: self, operation: work)",
        ):
            self.assertTrue(self.swift(swift_rules.unstructured_task, code), code)
        for code in (
            "struct Task {",
            "extension Rows.Task {",
            "group.addTask {",
            "// Task {",
            '"Task {"',
            "-> Task<A, B> {",
            "tasks.add(Task(id: 1), operation: work)",
        ):
            self.assertFalse(self.swift(swift_rules.unstructured_task, code), code)

    def test_traps(self) -> None:
        for code in ("try! a()", 'fatalError("")', "a as! B"):
            self.assertTrue(self.swift(swift_rules.traps, code), code)
        for code in ("try? a()", "a as? B", "// try! a()", "a != b"):
            self.assertFalse(self.swift(swift_rules.traps, code), code)

    def test_unchecked_sendable(self) -> None:
        proof = "/// A box.\n///\n/// `@unchecked Sendable`: only one thread has it.\n"
        type_ = "final class A: @unchecked Sendable {"
        self.assertTrue(self.swift(swift_rules.unchecked_sendable, type_))
        self.assertTrue(self.swift(swift_rules.unchecked_sendable, "/// A box.\n" + type_))
        self.assertTrue(self.swift(swift_rules.unchecked_sendable, proof + "\n" + type_))
        self.assertTrue(self.swift(swift_rules.unchecked_sendable, proof + "struct B {\n}\n" + type_))
        self.assertFalse(self.swift(swift_rules.unchecked_sendable, proof + type_))
        self.assertFalse(self.swift(swift_rules.unchecked_sendable, proof + "@usableFromInline\n" + type_))
        self.assertTrue(self.swift(swift_rules.unchecked_sendable, "nonisolated(unsafe) var a = 1"))

    def test_busy_wait(self) -> None:
        self.assertTrue(self.swift(swift_rules.busy_wait, "while !done { await Task.yield() }"))
        self.assertFalse(self.swift(swift_rules.busy_wait, "continuation.yield()"))

    def test_wall_clock(self) -> None:
        for condition in (
            "ContinuousClock.now - start < .seconds(2)",
            "start.duration(to: .now) <\n .seconds(1)",
            "took < .seconds(1)",
        ):
            self.assertTrue(self.swift(swift_rules.wall_clock, f"#expect({condition})"), condition)
        for condition in ("wait < .seconds(45)", "clock.now == start", "count < 3 && a.now != b"):
            self.assertFalse(self.swift(swift_rules.wall_clock, f"#expect({condition})"), condition)

    def test_test_name(self) -> None:
        self.assertTrue(self.swift(swift_rules.test_name, "@Test func testCuts() {"))
        self.assertTrue(self.swift(swift_rules.test_name, "@Test(.timeLimit(.minutes(1)))\nfunc testCuts() {"))
        self.assertFalse(self.swift(swift_rules.test_name, "@Test func aCutIsMarked() {}\nfunc testServers() {}"))

    def test_time_limit(self) -> None:
        servers = {"Tests/TestServers/TestServer.swift": "package enum TestServer {}"}
        code = "@Suite({}) struct A {{\n    @Test func a() {{ TestServer.start() }}\n}}"

        def found(code: str) -> list[str]:
            return self.found(swift_rules.time_limit, servers | {"Tests/ATests/ATests.swift": code})

        self.assertTrue(found(code.format(".serialized")))
        self.assertFalse(found(code.format(".timeLimit(.minutes(1))")))
        self.assertFalse(found(code.format("").replace("TestServer", "Tested")))

    def test_file_name(self) -> None:
        path = "Sources/A/Lease.swift"
        for code in ("enum Other {}", "struct LeaseBook {}", "// struct Lease"):
            self.assertTrue(self.swift(swift_rules.file_name, code, path), code)
        for code in ("struct Lease {", "extension B.Lease {", "func lease() {", "package func withLease<T>() {"):
            self.assertFalse(self.swift(swift_rules.file_name, code, path), code)
        self.assertFalse(self.swift(swift_rules.file_name, "extension Lease {", "Sources/A/Lease+Renewal.swift"))
        self.assertTrue(self.swift(swift_rules.file_name, "extension Other {", "Sources/A/Lease+Renewal.swift"))

    def test_code_in_comment(self) -> None:
        for code in ("// let a = b(", "//    return a {", "// retry(step)"):
            self.assertTrue(self.swift(comment_rules.code_in_comment, code), code)
        for code in ("// Let it be.", "/// let a = b(", "// for a few heartbeats", "let a = 1 // if it fits"):
            self.assertFalse(self.swift(comment_rules.code_in_comment, code), code)

    def test_comment_link(self) -> None:
        code = """
        /// {}
        struct Lease<T> {{
            enum Kind {{ case worker, call(of: Int) }}
            init(of step: Int, _ worker: Int = 3) {{}}
            func renew(at time: Int, then body: (Int, String) -> Void, _ rest: [String: Int] = [:]) {{}}
            func end() {{}}
            subscript(step: Int) -> Int {{ 0 }}
            subscript(at index: Int) -> Int {{ 0 }}
        }}
        """
        for link in (
            "Lease", "Kind", "Lease/Kind/call", "renew(at:then:_:)", "Lease/init(of:_:)", "end()", "renew",
            "subscript(_:)", "subscript(at:)",
        ):
            self.assertFalse(self.swift(comment_rules.comment_link, code.format(f"See ``{link}``.")), link)
        for link in ("Leases", "Lease/Sort", "renew(at:)", "renew(at:then:)", "end(_:)", "Other/end()", "step"):
            self.assertTrue(self.swift(comment_rules.comment_link, code.format(f"See ``{link}``.")), link)

    def test_empty_comment(self) -> None:
        for code in (
            "/// The port.\nlet port: Int", "    /// Connections.\n    var databaseConnections = 1",
            "/// Has a state.\nvar state: State", "/// Sets the value.\nfunc set(_ value: Double) {",
        ):
            self.assertTrue(self.swift(comment_rules.empty_comment, code), code)
        for code in (
            "/// The port that the broker told.\nlet port: Int", "/// Of the port.\n/// More.\nlet port: Int",
            "/// 0 or 1.\nlet draining: Int", "// The port.\nlet port: Int",
        ):
            self.assertFalse(self.swift(comment_rules.empty_comment, code), code)

    def test_file_length(self) -> None:
        self.assertTrue(self.found(file_rules.file_length, {"ops/a.py": "\n" * 401}))
        self.assertFalse(self.found(file_rules.file_length, {"ops/a.py": "\n" * 400, "README.md": "\n" * 999}))

    def test_marks(self) -> None:
        for mark in ("TO" + "DO", "FIX" + "ME", "XX" + "X"):
            self.assertTrue(self.found(file_rules.marks, {"docs/a.md": f"a\n{mark}: b"}), mark)
        self.assertFalse(self.found(file_rules.marks, {"ops/a": "mktemp -d mixmyai.XXXXXX"}))

    def test_machine_path(self) -> None:
        for path in ("/home/" + "anna/mixmyai", "/Users/" + "anna/x", "/root/" + ".cache", "/work/" + "main"):
            self.assertTrue(self.found(file_rules.machine_path, {"ops/a": f"cd {path}"}), path)
        self.assertFalse(self.found(file_rules.machine_path, {"ops/a": "$HOME/work/x, a/work/y, /usr/lib/z"}))

    def test_letter_case(self) -> None:
        self.assertTrue(self.found(file_rules.letter_case, {"ops/Bench/a.py": "", "ops/bench/b.py": ""}))
        self.assertTrue(self.found(file_rules.letter_case, {"ops/A.py": "", "ops/a.py": ""}))
        self.assertFalse(self.found(file_rules.letter_case, {"ops/bench/a.py": "", "ops/bench/b.py": ""}))

    def test_white_space(self) -> None:
        for text in ("a \nb\n", "a\tb\n", "a\r\nb\n", "a"):
            self.assertTrue(self.found(file_rules.white_space, {"a.md": text}), repr(text))
        self.assertFalse(self.found(file_rules.white_space, {"a.md": "a b\n\nc\n", "b.py": ""}))

    def test_commands(self) -> None:
        good = {"ops/try": "#!/bin/sh\n# Tries.\n", "README.md": "`ops/try`\n", "ops/lib/x.sh": ""}
        self.assertFalse(self.found(file_rules.commands, good))
        self.assertTrue(self.found(file_rules.commands, good | {"ops/try": "#!/bin/sh\nset -e\n"}))
        self.assertTrue(self.found(file_rules.commands, good | {"README.md": "`ops/trying`\n"}))

    def test_drawer(self) -> None:
        self.assertTrue(self.found(file_rules.drawer, {"Sources/A/Utils/B.swift": ""}))
        self.assertTrue(self.found(file_rules.drawer, {"Sources/A/Helpers.swift": ""}))
        self.assertFalse(self.found(file_rules.drawer, {"Sources/A/Backoff.swift": ""}))

    def test_explicit_imports(self) -> None:
        description = package(("A", "regular", []), ("B", "regular", ["A"]), ("b-run", "executable", ["B"]))
        texts = {"Sources/A/A.swift": "", "Sources/B/B.swift": "import A", "Sources/b-run/R.swift": "package import B"}
        rule = package_rules.explicit_imports
        self.assertFalse(self.found(rule, texts, description))
        self.assertEqual(
            self.found(rule, texts | {"Sources/A/A.swift": "\nimport Logging"}, description), ["Sources/A/A.swift:2"]
        )
        self.assertTrue(self.found(rule, texts | {"Sources/B/B.swift": "// import A"}, description))
        self.assertTrue(self.found(rule, texts | {"Sources/b-run/R.swift": "@testable import struct A.X"}, description))
        self.assertFalse(self.found(rule, texts | {"Sources/A/A.swift": "public import Foundation"}, description))

    def test_internal_imports(self) -> None:
        parts: list[tuple[str, str, list[str]]] = [(f"P{number}", "regular", []) for number in range(8)]
        rule = package_rules.internal_imports
        many = package(*parts, ("A", "regular", [name for name, _, _ in parts]))
        self.assertTrue(self.found(rule, {}, many))
        few = package(*parts, ("A", "regular", [name for name, _, _ in parts[:7]] + ["Logging", "Yams"]))
        self.assertFalse(self.found(rule, {}, few))
        program = package(*parts, ("Commands", "regular", [name for name, _, _ in parts]))
        self.assertFalse(self.found(rule, {}, program))

    def test_borders(self) -> None:
        rule = package_rules.borders
        store = ("FleetStore", "regular", ["FleetCore", "PostgresClient"])
        self.assertFalse(self.found(rule, {}, package(store, ("Execution", "regular", ["FleetCore"]))))
        self.assertTrue(self.found(rule, {}, package(store, ("Execution", "regular", ["FleetStore"]))))
        self.assertTrue(self.found(rule, {}, package(("RedisClient", "regular", ["FleetCore"]))))
        self.assertTrue(self.found(rule, {}, package(("FleetCore", "regular", ["BlockingIO"]))))

    def test_name_twice(self) -> None:
        described = package(("A", "regular", []), ("B", "regular", []), ("ATests", "test", []))
        code = {"Sources/A/A.swift": "package final class Lease {}\n@main struct App {}"}
        for other in ("@MainActor public struct Lease {", "typealias Lease = Int", "indirect enum Lease {"):
            found = self.found(package_rules.name_twice, code | {"Sources/B/B.swift": other}, described)
            self.assertEqual(found, ["Sources/A/A.swift:1"], other)
        nested = "enum B {\n    struct Lease {}\n}"
        for other in (nested, "private struct Lease {}", "extension Lease {}", "struct App {}"):
            found = self.found(package_rules.name_twice, code | {"Sources/B/B.swift": other}, described)
            self.assertEqual(found, [], other)
        tests = {"Tests/ATests/A.swift": "struct Lease {}"}
        self.assertFalse(self.found(package_rules.name_twice, code | tests, described))

    def test_tested(self) -> None:
        rule = package_rules.tested
        self.assertTrue(self.found(rule, {}, package(("A", "regular", []))))
        described = package(("A", "regular", []), ("ATests", "test", []), ("a", "executable", []))
        self.assertFalse(self.found(rule, {}, described))

    def test_printing(self) -> None:
        description = package(("A", "regular", []), ("Commands", "regular", []), ("a-run", "executable", []))
        loud = {"Sources/A/A.swift": "print(a)"}
        self.assertTrue(self.found(package_rules.printing, loud, description))
        quiet = {"Sources/A/A.swift": "console.print(a); footprint(a)", "Sources/a-run/A.swift": "print(a)"}
        quiet["Sources/Commands/A.swift"] = "print(a)"
        self.assertFalse(self.found(package_rules.printing, quiet, description))

    def test_links(self) -> None:
        other = {"docs/b.md": "# Two words, and `more`\n## Again\n## Again\n", "ops/x.png": ""}
        for link in ("c.md", "b.md#three", "../docs/b.md#again-2", "#nothing", "../ops/y.png"):
            self.assertTrue(self.found(document_rules.links, other | {"docs/a.md": f"[a]({link})"}), link)
        for link in (
            "b.md",
            "b.md#two-words-and-more",
            "b.md#again-1",
            "../ops",
            "https://example.com/x",
            "../ops/x.png",
        ):
            self.assertFalse(self.found(document_rules.links, other | {"docs/a.md": f"[a [b]]({link})"}), link)
        for label in ("c.md", "x/b.md"):
            self.assertTrue(self.found(document_rules.links, other | {"docs/a.md": f"[{label}](b.md)"}), label)
        for label in ("b.md", "the words of b.md", "b"):
            self.assertFalse(self.found(document_rules.links, other | {"docs/a.md": f"[{label}](b.md)"}), label)
        self.assertFalse(self.found(document_rules.links, other | {"docs/a.md": "[docs/b.md](../docs/b.md)"}))
        self.assertTrue(self.found(document_rules.links, other | {"docs/a.md": "[a][1]\n\n[1]: c.md\n"}))
        self.assertFalse(self.found(document_rules.links, other | {"docs/a.md": "`[a](c.md)`\n```\n[a](c.md)\n```\n"}))

    def test_references(self) -> None:
        code = {
            "Sources/A/Claim.swift": "struct Claim {}\nstruct Lease {\n    static let longest = 1 // func gone()\n}",
            "Sources/A/Lease+Renewal.swift": "extension Lease {\n    func renew() {}\n}",
            "ops/faults/row_checks.py": "QUERIES = 1\n\ndef rows():\n    pass\n",
        }
        for span in ("Lease.gone", "Lease.ren", "Other.renew", "row_checks.nothing"):
            self.assertTrue(self.found(document_rules.references, code | {"docs/a.md": f"a `{span}`"}), span)
        for span in (
            "Lease.longest",
            "Lease.renew",
            "Lease.swift",
            "row_checks.QUERIES",
            "row_checks.rows",
            "tasks.status",
        ):
            self.assertFalse(self.found(document_rules.references, code | {"docs/a.md": f"a `{span}`"}), span)

    def test_paths(self) -> None:
        files = {"ops/try": "", "Sources/A/Lease+Renewal.swift": ""}
        good = ("ops/try", "ops/try --all", "ops", "Sources/A", "Sources/A/Lease+Renewal.swift", "b/c", "ops/TYPE/*")
        for span in good:
            self.assertFalse(self.found(document_rules.paths, files | {"docs/a.md": f"`{span}`"}), span)
        for span in ("ops/tries", "Sources/A/Lease.swift", "docs/b.md"):
            self.assertTrue(self.found(document_rules.paths, files | {"docs/a.md": f"`{span}`"}), span)
        self.assertFalse(self.found(document_rules.paths, files | {"CHANGELOG.md": "`ops/tries`"}))

    def test_statements(self) -> None:
        call = 'PostgresStatement(\n    "claim", "")'
        store = {"Sources/FleetStore/A.swift": call, "Sources/FleetStore/SQL/settle.sql": ""}
        table = "## Steps of the protocol\n| step | statements |\n|---|---|\n| `a` | {} |\n"
        for name in ("`claim`", "`settle`, `claim`", ""):
            self.assertFalse(
                self.found(document_rules.statements, store | {module_graph.DOCUMENT: table.format(name)}), name)
        for name in ("`claims`", "`claim`, `sett`", "`settle.sql`"):
            self.assertTrue(
                self.found(document_rules.statements, store | {module_graph.DOCUMENT: table.format(name)}), name)

    def test_graph(self) -> None:
        description = package(("A", "regular", []), ("B", "regular", ["A"]), ("c", "executable", ["A", "B"]))
        empty = f"{module_graph.BEGIN}\n{module_graph.END}\n"
        tree = Tree({module_graph.DOCUMENT: empty}, description)
        self.assertTrue(list(document_rules.graph(tree)))
        text = module_graph.replaced(empty, tree.targets)
        self.assertFalse(list(document_rules.graph(Tree({module_graph.DOCUMENT: text}, description))))
        self.assertTrue(list(document_rules.graph(Tree({module_graph.DOCUMENT: "nothing"}, description))))
        self.assertIn("c --> B", text)
        self.assertNotIn("c --> A", text, "an arrow that others imply")

    def test_layout(self) -> None:
        description = package(("A", "regular", []), ("B", "regular", []))
        code = {"Sources/A/A.swift": "", "Sources/B/B.swift": ""}
        table = "## Layout\n| folder | holds |\n|---|---|\n| `Sources/A`, `B` | all |\n## Next\n"
        self.assertFalse(self.found(document_rules.layout, code | {"README.md": table}, description))
        self.assertTrue(
            self.found(document_rules.layout, code | {"README.md": table.replace(", `B`", "")}, description)
        )
        self.assertTrue(
            self.found(document_rules.layout, code | {"README.md": table.replace("`B`", "`B`, `C`")}, description)
        )


class CompletenessTests(unittest.TestCase):
    """No rule without a test."""

    def test_every_rule_is_tried(self) -> None:
        for module in (swift_rules, comment_rules, file_rules, package_rules, document_rules):
            for rule in module.RULES:
                self.assertTrue(hasattr(RuleTests, f"test_{rule.__name__}"), rule.__name__)


class ExceptionTests(unittest.TestCase):
    """The list of exceptions only shrinks."""

    def judged(self, found: list[Finding], text: str) -> list[str]:
        return [one.rule for one in exceptions.judged(found, exceptions.parsed(text))]

    def test_amounts_are_exact(self) -> None:
        two = [Finding("a.swift", line, "trap", "") for line in (1, 2)]
        self.assertEqual(self.judged(two, "trap a.swift 2 why"), [])
        self.assertEqual(self.judged(two, "trap a.swift 1 why"), ["trap", "trap"])
        self.assertEqual(self.judged(two, "trap a.swift 3 why"), ["exceptions"])
        self.assertEqual(self.judged(two, "trap b.swift 2 why"), ["trap", "trap", "exceptions"])
        self.assertEqual(self.judged(two, "# nothing"), ["trap", "trap"])

    def test_measures_are_ceilings_that_come_down(self) -> None:
        long = [Finding("a.swift", 1, "file-length", "", 450)]
        self.assertEqual(self.judged(long, "file-length a.swift 450 why"), [])
        self.assertEqual(self.judged(long, "file-length a.swift 440 why"), ["file-length"])
        self.assertEqual(self.judged(long, "file-length a.swift 460 why"), ["exceptions"])

    def test_reasons_are_wanted(self) -> None:
        self.assertEqual(self.judged([Finding("a.swift", 1, "trap", "")], "trap a.swift 1"), ["exceptions"])

    def test_updating_never_allows_more(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "exceptions.txt"
            file.write_text("# Head.\ntrap a.swift 3 why\ntrap b.swift 1 why\ntrap c.swift 1 why\n")
            found = [
                Finding("a.swift", 1, "trap", ""),
                Finding("b.swift", 1, "trap", ""),
                Finding("b.swift", 2, "trap", ""),
            ]
            exceptions.shrink(file, found)
            self.assertEqual(file.read_text(), "# Head.\ntrap  a.swift  1  why\ntrap b.swift 1 why\n")


if __name__ == "__main__":
    unittest.main()
