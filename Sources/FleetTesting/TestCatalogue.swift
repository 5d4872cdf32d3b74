internal import Catalogues
package import FleetCore
internal import Foundation

/// A small agent catalogue with the shape of the real one, for tests that need no files.
package enum TestCatalogue {
    /// Manager, coordinator, analyst, three specialists and the generalist.
    package static let agents = agents(asking: [model])

    /// The same agents with several models to ask: each begins its list with another one than the agent before it.
    package static func agents(asking models: [ModelSpec]) -> AgentCatalogue {
        var agents = [
            agent("manager", .manager, ["review"]), agent("coordinator", .coordinator, ["aggregation"]),
            agent("analyst", .analyst, ["synthesis"]),
            agent("financial_analyst", .specialist, ["financial_modeling", "forecasting"]),
            agent("data_scientist", .specialist, ["statistics", "forecasting"]),
            agent("market_researcher", .specialist, ["market_knowledge"]),
            agent("generalist", .specialist, ["general_problem_solving"], isFallback: true),
        ]
        let names = models.map(\.name)
        for index in agents.indices where !names.isEmpty {
            let first = index % names.count
            agents[index].models = Array(names[first...] + names[..<first])
        }
        return AgentCatalogue(
            agents: agents,
            schemas: Dictionary(
                uniqueKeysWithValues: StepKind.allCases.map { ($0, OutputSchema(name: $0.rawValue, json: "{}")) }),
            inputs: inputs)
    }

    /// The repository's own input manifest. Without the file no kind has sections, and every step says so.
    package static let inputs: InputManifest = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "workers/agents/inputs.yaml")
        let text = try? String(contentsOf: file, encoding: .utf8)
        return text.flatMap { try? InputManifestReader.read($0) } ?? InputManifest(kinds: [:])
    }()

    /// The model that all of them use.
    package static let model = ModelSpec(
        name: "test-model", provider: "openai", api: .responses, modelID: "test-model", limitClass: "test",
        maxInputTokens: 100_000, maxOutputTokens: 10_000,
        prices: [
            ModelPrice(
                effectiveFrom: "2026-01-01", input: Decimal6(millionths: 1_000_000),
                cacheRead: Decimal6(millionths: 100_000), cacheWrite: Decimal6(millionths: 1_250_000),
                output: Decimal6(millionths: 5_000_000))
        ])

    /// The most that an attempt of each may cost.
    package static let bounds = AttemptBounds(agents: agents.agents, models: [model], inputs: inputs)

    private static func agent(
        _ type: String, _ role: AgentRole, _ capabilities: [String], isFallback: Bool = false
    ) -> AgentSpec {
        AgentSpec(
            type: type, role: role, description: "A \(type).", capabilities: capabilities,
            prompts: Dictionary(
                uniqueKeysWithValues: StepKind.allCases.filter { $0.role == role }.map { ($0, "Do \($0.rawValue).") }),
            models: [], maxOutputTokens: 1000, timeout: .seconds(10), isFallback: isFallback)
    }
}
