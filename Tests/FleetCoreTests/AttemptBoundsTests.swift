import FleetCore
import FleetTesting
import JSON
import Testing

@Suite struct AttemptBoundsTests {
    private func model(_ name: String, input: Int, output: Int, maxInput: Int = 1_000_000) -> ModelSpec {
        var model = TestCatalogue.model
        (model.name, model.maxInputTokens, model.maxOutputTokens) = (name, maxInput, 500)
        model.prices[0].input = Decimal6(millionths: input * 1_000_000)
        model.prices[0].cacheWrite = .zero
        model.prices[0].output = Decimal6(millionths: output * 1_000_000)
        return model
    }

    /// A prompt may have twice its cap.
    private func bounds(_ models: [ModelSpec], complex: [String] = [], cap: Int = 5000) -> AttemptBounds {
        var agent = TestCatalogue.agents.agents[0]
        agent.models = ["a", "b", "unknown"]
        agent.complexModels = complex
        let kinds = StepKind.allCases.map {
            ($0, InputManifest.Kind(cap: $0 == .finalReview ? 2 * cap : cap, sections: []))
        }
        return AttemptBounds(
            agents: [agent], models: models, inputs: InputManifest(kinds: Dictionary(uniqueKeysWithValues: kinds)))
    }

    @Test func anAttemptMayAskEachModelOfAListTwice() {
        let models = [model("a", input: 1, output: 10), model("b", input: 2, output: 0)]
        // Twice 10,000 of input and 500 of output at the first, twice 10,000 of input at the second.
        #expect(bounds(models)["manager", .taskAnalysis] == Decimal6(millionths: 70_000))
        #expect(bounds(models)["manager", .finalReview] == Decimal6(millionths: 130_000))
        #expect(bounds(models)["manager", .synthesis] == nil)
        #expect(bounds(models)["nobody", .taskAnalysis] == nil)
    }

    @Test func theDearerListTheDearestPriceAndTheModelsOwnWindowCount() {
        var models = [
            model("a", input: 1, output: 0), model("b", input: 1, output: 0),
            model("c", input: 90, output: 0, maxInput: 1000),
        ]
        #expect(bounds(models, complex: ["c"])["manager", .taskAnalysis] == Decimal6(millionths: 180_000))
        // Dearer from next year on: an attempt may be lost then.
        var dearer = models[0].prices[0]
        (dearer.effectiveFrom, dearer.cacheWrite) = ("2027-01-01", Decimal6(millionths: 5_000_000))
        models[0].prices.append(dearer)
        #expect(bounds(models)["manager", .taskAnalysis] == Decimal6(millionths: 120_000))
    }

    @Test func aBandThatThePromptCannotReachDoesNotCount() {
        var models = [model("a", input: 1, output: 0)]
        models[0].prices[0].upToInputTokens = 10_000
        models[0].prices.append(models[0].prices[0])
        models[0].prices[1].upToInputTokens = nil
        models[0].prices[1].input = Decimal6(millionths: 7_000_000)
        #expect(bounds(models, cap: 5000)["manager", .taskAnalysis] == Decimal6(millionths: 20_000))
        #expect(bounds(models, cap: 5001)["manager", .taskAnalysis] == Decimal6(millionths: 140_028))
    }

    @Test func boundsAreStoredAsMicroDollarsByKind() {
        let json = bounds([model("a", input: 1, output: 0)]).json(for: "manager")
        #expect(json["task_analysis"]?.int == 20_000)
        #expect(json.object?.keys.count == 6)
    }
}
