import Catalogues
import FleetCore
import Foundation
import RepositoryFixtures
import Testing

/// The delivered catalogue with one thing changed: what is wrong is said with file, line, key and what is allowed.
@Suite struct AgentCatalogueLoaderTests {
    private static let folder = RepositoryFiles.url("workers/agents")

    private func error(_ change: (String) -> String) throws -> String {
        let models = try ModelCatalogue.load(path: Self.folder.appending(path: "models.yaml").path).models
        let text = try String(contentsOf: Self.folder.appending(path: "agents.yaml"), encoding: .utf8)
        // Prompts and schemas are named relative to the catalogue: absolute names let it lie elsewhere.
        let absolute = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard let end = [".md", ".json", "inputs.yaml"].first(where: { line.hasSuffix($0) }),
                let space = line.lastIndex(of: " "), !end.isEmpty
            else { return String(line) }
            return line[...space] + Self.folder.path + "/" + line[line.index(after: space)...]
        }.joined(separator: "\n")
        let file = FileManager.default.temporaryDirectory.appending(path: "agents-\(UUID().uuidString).yaml")
        try Data(change(absolute).utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        do throws(AgentCatalogueError) {
            _ = try AgentCatalogueLoader(path: file.path).load(models: models)
            return "accepted"
        } catch {
            return error.message.replacing(file.path, with: "agents.yaml").replacing(Self.folder.path + "/", with: "")
        }
    }

    @Test func theDeliveredCatalogueIsAccepted() throws {
        #expect(try error { $0 } == "accepted")
        #expect(try error { "\u{FEFF}" + $0 } == "accepted")
        #expect(try error { $0.replacing("\n", with: "\r\n") } == "accepted")
    }

    private static let manager = "capabilities: [task_analysis, specialist_selection, decomposition, planning, review]"

    @Test(arguments: [
        (
            manager, "capabilities: [valuation, no, on]",
            "agents.yaml:10: agent 'manager': capabilities[1] is no, which is a boolean to YAML: put a text in quotes"
        ),
        (manager, "capabilities: [valuation, 'no', On]", "capabilities[2] is On, which is a boolean"),
        (manager, "capabilities: [valuation, 12]", "capabilities[1] is 12, which is a number"),
        (manager, "capabilities: [valuation, 1.5e3]", "capabilities[1] is 1.5e3, which is a number"),
        (manager, "capabilities: [valuation, 2:00]", "capabilities[1] is 2:00, which is a number"),
        (manager, "capabilities: [valuation, 2026-11-26]", "capabilities[1] is 2026-11-26, which is a date"),
        (manager, "capabilities: [valuation, ]\n    x: 1", "'x' is not known; allowed are type, role"),
        (manager, "capabilities: [valuation, ~]", "capabilities[1] is empty"),
        (manager, "capabilities: [valuation, null]", "capabilities[1] is empty"),
        (manager, "capabilities: [valuation, [a]]", "capabilities[1] is a list, not a text"),
        (manager, "capabilities: [valuation, {a: b}]", "capabilities[1] is a mapping, not a text"),
        (
            manager, "capabilities:\n      - valuation\n      - no",
            "agents.yaml:12: agent 'manager': capabilities[1] is no"
        ),
        (manager, "capabilities: valuation", "capabilities is \"valuation\", not a list"),
        (manager, "capabilities: []", "capabilities must be a list with entries"),
        (manager, "capabilities:", "capabilities is empty, not a list"),
        (
            "fallback: false", "fallback: \"true\"",
            "agents.yaml:21: agent 'manager': fallback is \"true\" in quotes, a text: allowed are true and false"
        ),
        ("fallback: false", "fallback: yes", "fallback is yes: allowed are true and false"),
        ("fallback: false", "fallback: 1", "fallback is 1: allowed are true and false"),
        ("fallback: false", "fallback:", "fallback is empty: allowed are true and false"),
        ("fallback: false", "fallback: True", "fallback is True: allowed are true and false"),
        (
            "timeout_seconds: 120", "timeout_seconds: 2:00",
            "agents.yaml:20: agent 'manager': timeout_seconds is 2:00, a number of base 60 to YAML: allowed are whole numbers from 1 to 1500"
        ),
        (
            "timeout_seconds: 120", "timeout_seconds: 0120",
            "timeout_seconds is 0120, an octal, hexadecimal or binary number"
        ),
        ("timeout_seconds: 120", "timeout_seconds: 0o120", "timeout_seconds is 0o120, an octal"),
        ("timeout_seconds: 120", "timeout_seconds: 0x78", "timeout_seconds is 0x78, an octal, hexadecimal"),
        ("timeout_seconds: 120", "timeout_seconds: 0b11", "timeout_seconds is 0b11, an octal, hexadecimal or binary"),
        ("timeout_seconds: 120", "timeout_seconds: 1_2", "timeout_seconds is 1_2, a number with underscores"),
        ("timeout_seconds: 120", "timeout_seconds: \"120\"", "timeout_seconds is \"120\" in quotes, a text"),
        ("timeout_seconds: 120", "timeout_seconds: 120.5", "timeout_seconds is 120.5: allowed are whole numbers"),
        ("timeout_seconds: 120", "timeout_seconds: 1e2", "timeout_seconds is 1e2: allowed are whole numbers"),
        ("timeout_seconds: 120", "timeout_seconds: 1501", "timeout_seconds is 1501: allowed are whole numbers from 1"),
        ("timeout_seconds: 120", "timeout_seconds: 2m", "timeout_seconds is \"2m\": allowed are whole numbers"),
        ("timeout_seconds: 120", "timeout_seconds:", "timeout_seconds is empty: allowed are whole numbers"),
        (
            "timeout_seconds: 120", "timeout: 120",
            "agents.yaml:20: agent 'manager': 'timeout' is not known; allowed are type"
        ),
        (
            "timeout_seconds: 120", "timeout_seconds: 120\n    timeout_seconds: 60",
            "the key 'timeout_seconds' is there twice"
        ),
        ("timeout_seconds: 120", "timeout_seconds: !!int 120", "a tag (!…)"),
        ("timeout_seconds: 120", "<<: {a: 1}", "a merge key (<<): write the fields out"),
        ("timeout_seconds: 120", "\ttimeout_seconds: 120", "a tab: YAML is indented with spaces"),
        ("timeout_seconds: 120", "timeout_seconds: *t", "found undefined alias"),
        ("role: manager", "role: boss", "role is \"boss\": allowed are manager, coordinator"),
        ("role: manager", "role: no", "role is no: allowed are manager"),
        ("type: manager", "type: no", "agent type no: allowed are"),
        ("type: manager", "type: 12", "agent type 12: allowed are"),
        ("type: manager", "type: coordinator", "agent 'coordinator' is there twice"),
        ("models: [gpt-6.1-sol, claude-opus-5-5]", "models: [gpt-6.1-sol, 6.1]", "models[1] is 6.1, which is a number"),
        (
            "models: [gpt-6.1-sol, claude-opus-5-5]", "models: [gpt-7]",
            "models names 'gpt-7', which the model catalogue"
        ),
        ("description: Analyses", "description: 12\n    x: Analyses", "'x' is not known"),
        ("agents:", "agents: []\nmore:", "'more' is not known; allowed are agents, inputs, schemas"),
    ])
    func oneChangeIsNamedWithItsPlace(old: String, new: String, words: String) throws {
        let message = try error { text in
            guard let place = text.firstRange(of: old) else { return text }
            return text.replacingCharacters(in: place, with: new)
        }
        #expect(message.contains(words), "\(message)")
        #expect(message.hasPrefix("agents.yaml:"), "\(message)")
    }

    @Test func severalFaultsAreSaidTogether() throws {
        let message = try error {
            $0.replacing("timeout_seconds: 120", with: "timeout_seconds: 2:00", maxReplacements: 1)
                .replacing(
                    "timeout_seconds: 180\n    fallback: false", with: "timeout_seconds: 180\n    fallback: no",
                    maxReplacements: 1)
        }
        #expect(message.contains("agent 'manager': timeout_seconds"))
        #expect(message.contains("agent 'coordinator': fallback"), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(arguments: [
        ("", "is empty"), ("# nothing\n", "is empty"), ("- a", "the top level must be a mapping"),
        ("agents: x", "'agents' must be a list"),
        ("agents: [", "is not YAML: line"), ("agents: []\n---\nagents: []", "a second document begins here"),
        ("a: \u{1}", "control characters are not allowed"), ("? [a]\n: b", "a list or a mapping as a key"),
        ("agents: [5]", "an entry of agents is 5, not a mapping"),
    ])
    func filesOfTheWrongShapeAreRefused(text: String, words: String) throws {
        let message = try error { _ in text }
        #expect(message.contains(words), "\(message)")
    }

    /// Nine lists of nine, nine times: half a billion values out of four hundred bytes.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            { (last: String) in "x: \(last)" }, { (last: String) in "? \(last)\n: 1" },
            { (last: String) in "\(last) : 1" },
            { (last: String) in "x: {\(last) : 1}" }, { (last: String) in "agents: [\(last)]" },
        ] as [@Sendable (String) -> String]) func anAliasBombIsRefusedUnexploded(use: @Sendable (String) -> String)
        throws
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let entries = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(entries)]\n"
        }
        let message = try error { _ in text + use("*a9") }
        #expect(
            message.contains("once the aliases are followed") || message.contains("an alias as a key"), "\(message)")
    }

    @Test func deepNestingAndAliasesOfUseAreToldApart() throws {
        #expect(try error { _ in "agents: " + String(repeating: "[", count: 5000) }.contains("is not YAML"))
        let deep = "agents: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(try error { _ in deep }.contains("inside one another"))
        let shared = try error {
            $0.replacing("timeout_seconds: 120", with: "timeout_seconds: &t 120", maxReplacements: 1)
                .replacing("timeout_seconds: 180", with: "timeout_seconds: *t", maxReplacements: 1)
        }
        #expect(shared == "accepted")
    }
}
