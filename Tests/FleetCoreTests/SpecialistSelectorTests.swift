import FleetCore
import FleetTesting
import JSON
import Testing

@Suite struct SpecialistSelectorTests {
    private let selector = SpecialistSelector(catalogue: TestCatalogue.agents)

    private func analysis(
        _ capabilities: [String], _ complexity: TaskAnalysis.Complexity = .simple
    ) -> TaskAnalysis {
        TaskAnalysis(
            domain: "", keywords: [], requiredCapabilities: capabilities, complexity: complexity, requirements: [])
    }

    @Test func requiredCapabilitiesDecide() {
        let chosen = selector.select(analysis: analysis(["forecasting", "statistics"]), proposal: nil, load: [:])
        #expect(chosen.first?.type == "data_scientist")
        #expect(chosen.count == 2)
    }

    @Test func theManagersProposalCountsButOnlyForKnownSpecialists() {
        let proposal: JSONValue = [
            "specialists": [
                ["type": "market_researcher", "priority": "high", "rationale": "Markets.", "focus_areas": ["x"]],
                ["type": "manager", "priority": "high"], ["type": "astrologer", "priority": "high"],
            ]
        ]
        let chosen = selector.select(analysis: analysis(["market_knowledge"]), proposal: proposal, load: [:])
        #expect(chosen.first?.type == "market_researcher")
        #expect(chosen.first?.rationale == "Markets.")
        #expect(!chosen.contains { $0.type == "manager" || $0.type == "astrologer" })
    }

    @Test func aGapThatNobodyFillsAddsTheGeneralist() {
        let chosen = selector.select(analysis: analysis(["forecasting", "beekeeping"]), proposal: nil, load: [:])
        #expect(chosen.contains { $0.type == "generalist" })
    }

    @Test func aGapThatSomebodyFillsAddsThatSpecialist() {
        let chosen = selector.select(
            analysis: analysis(["forecasting", "statistics", "financial_modeling", "market_knowledge"]), proposal: nil,
            load: [:])
        #expect(Set(chosen.map(\.type)) == ["data_scientist", "financial_analyst", "market_researcher"])
    }

    @Test func ofTwoEquallyGoodSpecialistsTheLessBusyOneLeads() {
        let chosen = selector.select(
            analysis: analysis(["forecasting"]), proposal: nil, load: ["data_scientist": 500, "financial_analyst": 1])
        #expect(chosen.first?.type == "financial_analyst")
    }

    @Test func thereAreAlwaysTwoToFive() {
        for complexity in TaskAnalysis.Complexity.allCases {
            for capabilities in [[], ["beekeeping"], ["forecasting"]] {
                let chosen = selector.select(analysis: analysis(capabilities, complexity), proposal: nil, load: [:])
                #expect((2...5).contains(chosen.count))
                #expect(Set(chosen.map(\.type)).count == chosen.count)
            }
        }
    }
}
