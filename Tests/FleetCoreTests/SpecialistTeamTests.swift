import FleetCore
import JSON
import Testing

/// How a team is put together: five at most, different perspectives, no capability lost, gaps named.
@Suite struct SpecialistTeamTests {
    /// Types with their capabilities, and the generalist.
    private func selector(_ types: [String: [String]]) -> SpecialistSelector {
        let agents = types.sorted { $0.key < $1.key }.map { Self.agent($0.key, $0.value) }
        return SpecialistSelector(
            catalogue: AgentCatalogue(
                agents: agents + [Self.agent("generalist", ["general_problem_solving"], isFallback: true)],
                schemas: [:], inputs: InputManifest(kinds: [:])))
    }

    private static func agent(_ type: String, _ capabilities: [String], isFallback: Bool = false) -> AgentSpec {
        AgentSpec(
            type: type, role: .specialist, description: "", capabilities: capabilities, prompts: [:], models: [],
            maxOutputTokens: 1, timeout: .seconds(1), isFallback: isFallback)
    }

    private func analysis(
        _ capabilities: [String], _ complexity: TaskAnalysis.Complexity = .complex
    ) -> TaskAnalysis {
        TaskAnalysis(
            domain: "", keywords: [], requiredCapabilities: capabilities, complexity: complexity, requirements: [])
    }

    private func proposal(_ entries: [JSONValue], gaps: [JSONValue] = []) -> JSONValue {
        ["specialists": .array(entries), "gaps": .array(gaps)]
    }

    private func entry(
        _ type: String, _ priority: String = "high", adds: String = "", focus: [String] = []
    ) -> JSONValue {
        [
            "type": .string(type), "priority": .string(priority), "rationale": "So.", "adds": .string(adds),
            "focus_areas": .strings(focus),
        ]
    }

    @Test func theProposedGeneralistCounts() {
        let chosen = selector(["a": ["x"], "b": ["y"]]).select(
            analysis: analysis([], .simple),
            proposal: proposal([entry("generalist", focus: ["the rest"]), entry("a", "low")]), load: [:])
        #expect(chosen.map(\.type) == ["generalist", "a"])
        #expect(chosen[0].focusAreas == ["the rest"])
        #expect(chosen[0].rationale == "So.")
        #expect(chosen[0].score > chosen[1].score)
    }

    @Test func withoutAProposalOrAGapThereIsNoGeneralist() {
        let chosen = selector(["a": ["x"], "b": ["y"], "c": ["z"]]).select(
            analysis: analysis(["x", "y", "z"]), proposal: nil, load: [:])
        #expect(chosen.map(\.type) == ["a", "b", "c"])
    }

    @Test func fiveIsTheMostWithTheGeneralist() {
        // Six types have one capability each, and nobody has the last.
        let types = Dictionary(uniqueKeysWithValues: ["a", "b", "c", "d", "e", "f"].map { ($0, [$0 + "1"]) })
        let needed = types.values.flatMap(\.self) + ["beekeeping"]
        let chosen = selector(types).select(analysis: analysis(needed), proposal: nil, load: [:])
        #expect(chosen.count == 5)
        // Each is the only one with something: nobody gives up the place.
        #expect(!chosen.contains { $0.type == "generalist" })
    }

    @Test func theGeneralistTakesThePlaceOfTheWeakestThatIsNotUnique() {
        let selector = selector(["a": ["x", "q"], "b": ["x", "r"], "c": ["y"], "d": ["z"], "e": ["w"]])
        let chosen = selector.select(
            analysis: analysis(["w", "x", "y", "z", "beekeeping"]),
            proposal: proposal(["a", "c", "d", "e"].map { entry($0) }), load: [:])
        #expect(Set(chosen.map(\.type)) == ["a", "c", "d", "e", "generalist"])
        #expect(chosen.last?.focusAreas == ["beekeeping"])
    }

    @Test func aCoveringTypeReplacesTheWeakestThatIsNotUnique() {
        // Five are proposed; only f has `y`. Of the five, d and e have nothing that is needed, and e is the weaker one.
        let selector = selector([
            "a": ["x"], "b": ["z"], "c": ["w"], "d": ["m"], "e": ["n"], "f": ["y"],
        ])
        let five = [entry("a"), entry("b"), entry("c"), entry("d"), entry("e", "low")]
        let chosen = selector.select(analysis: analysis(["w", "x", "y", "z"]), proposal: proposal(five), load: [:])
        #expect(Set(chosen.map(\.type)) == ["a", "b", "c", "d", "f"])
    }

    @Test func aCoveringTypeReplacesNobodyWhoseCapabilityWouldBeLost() {
        let selector = selector([
            "a": ["v"], "b": ["w"], "c": ["x"], "d": ["y"], "e": ["z"], "f": ["u"],
        ])
        let five = ["a", "b", "c", "d", "e"].map { entry($0) }
        let chosen = selector.select(
            analysis: analysis(["u", "v", "w", "x", "y", "z"]), proposal: proposal(five), load: [:])
        #expect(chosen.map(\.type) == ["a", "b", "c", "d", "e"])
    }

    @Test func aDifferentPerspectiveIsWorthMoreThanALittleMoreFitness() {
        // b scores 0.40 and c 0.35, but b shares half of its capabilities with a: 0.40 - 0.25 * 0.5.
        let selector = selector(["a": ["x", "y", "p"], "b": ["x", "y", "q"], "c": ["r"]])
        let proposed = proposal([entry("a"), entry("b", "low"), entry("c")])
        let chosen = selector.select(analysis: analysis(["s", "t", "x", "y"], .simple), proposal: proposed, load: [:])
        #expect(chosen.prefix(2).map(\.type) == ["a", "c"])
        // What b is better by is more than what it repeats.
        let fitter = selector.select(analysis: analysis(["x", "y"], .simple), proposal: proposed, load: [:])
        #expect(fitter.map(\.type) == ["a", "b"])
    }

    /// The overlap is 2/3.
    @Test(arguments: [("", "", false), ("Europe", "", false), ("", "Asia", false), ("Europe", "Asia", true)])
    func nearlyTheSameTypesAreTakenTogetherOnlyIfEachAddsSomething(one: String, other: String, areBoth: Bool) {
        let selector = selector(["a": ["x", "y"], "b": ["x", "y", "z"], "c": ["w"]])
        let proposed = proposal([entry("a", adds: one), entry("b", adds: other), entry("c", "low")])
        let chosen = selector.select(
            analysis: analysis(["x", "y"], .moderate), proposal: proposed, load: [:])
        #expect(Set(chosen.map(\.type)).isSuperset(of: ["a", "b"]) == areBoth)
        #expect(chosen.contains { $0.type == "c" })
    }

    @Test func nearlyTheSameTypeThatCoversMoreTakesTheOthersPlace() {
        let selector = selector(["a": ["x", "y"], "b": ["x", "y", "z"], "c": ["w"]])
        let chosen = selector.select(
            analysis: analysis(["w", "x", "y", "z"], .simple), proposal: proposal([entry("a"), entry("c")]),
            load: ["b": 100])
        #expect(Set(chosen.map(\.type)) == ["b", "c"])
    }

    @Test func theGeneralistsFocusNamesTheOpenCapabilitiesAndTheManagersReasons() {
        let gaps: [JSONValue] = [
            ["capability": "Bee-Keeping", "reason": "Nobody listed keeps bees."], ["capability": "y", "reason": "?"],
            ["capability": "", "reason": "?"],
        ]
        let chosen = selector(["a": ["x"], "b": ["y"]]).select(
            analysis: analysis(["x", "falconry"], .simple), proposal: proposal([entry("a")], gaps: gaps), load: [:])
        // Somebody has `y`, whatever the manager says.
        #expect(chosen.map(\.type) == ["a", "b", "generalist"])
        #expect(chosen.last?.focusAreas == ["bee_keeping: Nobody listed keeps bees.", "falconry"])
    }

    @Test func aProposedGeneralistIsToldTheGapsToo() {
        let chosen = selector(["a": ["x"]]).select(
            analysis: analysis(["x", "falconry"], .simple),
            proposal: proposal([entry("a"), entry("generalist", focus: ["overview"])]), load: [:])
        #expect(chosen.map(\.type) == ["a", "generalist"])
        #expect(chosen.last?.focusAreas == ["overview", "falconry"])
    }
}
