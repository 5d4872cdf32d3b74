import FleetCore
import FleetTesting
import Testing

@Suite struct ModelCostTests {
    func price(
        _ day: String, upTo: Int? = nil, _ input: String, _ read: String, _ write: String, _ output: String
    ) throws -> ModelPrice {
        ModelPrice(
            effectiveFrom: day, upToInputTokens: upTo, input: try #require(Decimal6(input)),
            cacheRead: try #require(Decimal6(read)), cacheWrite: try #require(Decimal6(write)),
            output: try #require(Decimal6(output)))
    }

    func model(_ prices: [ModelPrice]) -> ModelSpec {
        ModelSpec(
            name: "m", provider: "openai", api: .responses, modelID: "m", limitClass: "m", maxInputTokens: 1000,
            maxOutputTokens: 1000, prices: prices)
    }

    @Test func cachedTokensHaveTheirOwnPrices() throws {
        let model = model([try price("2026-01-01", "2", "0.1", "2.5", "10")])
        let usage = TokenUsage(uncachedInputTokens: 300, cacheReadTokens: 600, cacheWriteTokens: 100, outputTokens: 50)
        // 300 * 2 + 600 * 0.1 + 100 * 2.5 + 50 * 10 = 1410 millionths
        #expect(model.cost(of: usage, on: "2026-11-22") == Decimal6(millionths: 1410))
    }

    @Test func halfAMillionthIsRoundedUp() throws {
        let model = model([try price("2026-01-01", "0.5", "0", "0", "0.1")])
        #expect(model.cost(of: TokenUsage(uncachedInputTokens: 1), on: "2026-11-22").millionths == 1)
        #expect(model.cost(of: TokenUsage(outputTokens: 4), on: "2026-11-22").millionths == 0)
        #expect(model.cost(of: TokenUsage(outputTokens: 5), on: "2026-11-22").millionths == 1)
    }

    @Test func bandIsChosenByThePromptAndHoldsForTheWholeCall() throws {
        let model = model([
            try price("2026-10-26", upTo: 272_000, "0.10", "0.01", "0.125", "0.50"),
            try price("2026-10-26", "0.20", "0.02", "0.25", "0.75"),
        ])
        #expect(
            model.cost(of: TokenUsage(uncachedInputTokens: 272_000, outputTokens: 1000), on: "2026-11-22").description
                == "0.027700")
        #expect(
            model.cost(of: TokenUsage(uncachedInputTokens: 272_001, outputTokens: 1000), on: "2026-11-22").description
                == "0.055150")
        let cached = TokenUsage(cacheReadTokens: 272_001)
        #expect(model.cost(of: cached, on: "2026-11-22").millionths == 5440)
    }

    @Test func priceIsTheOneInForceOnTheDay() throws {
        let model = model([
            try price("2026-09-01", "1", "0", "0", "0"), try price("2026-10-07", upTo: 10, "2", "0", "0", "0"),
            try price("2026-10-07", "3", "0", "0", "0"),
        ])
        let usage = TokenUsage(uncachedInputTokens: 100)
        #expect(model.cost(of: usage, on: "2026-08-31").millionths == 100)
        #expect(model.cost(of: usage, on: "2026-10-06").millionths == 100)
        #expect(model.cost(of: usage, on: "2026-10-07").millionths == 300)
        #expect(model.cost(of: TokenUsage(uncachedInputTokens: 10), on: "2027-01-01").millionths == 20)
    }

    @Test func absurdUsageDoesNotTrap() throws {
        let model = model([try price("2026-01-01", "10000", "1", "1", "10000")])
        let usage = TokenUsage(uncachedInputTokens: .max, cacheReadTokens: -5, outputTokens: .max / 2)
        #expect(model.cost(of: usage, on: "2026-11-22").millionths > 0)
    }
}

extension ModelCostTests {
    @Test func aPriceHoldsFromItsFirstToItsLastDay() throws {
        var last = try price("2026-10-07", "2", "0", "0", "0")
        last.validUntil = "2026-12-31"
        let model = model([try price("2026-09-01", "1", "0", "0", "0"), last])
        for (day, holds) in [
            ("2026-08-31", false), ("2026-09-01", true), ("2026-10-07", true), ("2026-12-31", true),
            ("2027-01-01", false),
        ] {
            #expect(model.hasPrice(on: day) == holds, "\(day)")
        }
        // Out of date is not free.
        #expect(model.cost(of: TokenUsage(uncachedInputTokens: 100), on: "2027-06-01").millionths == 200)
        #expect(!self.model([]).hasPrice(on: "2026-11-22"))
    }

    @Test func onlyModelsThatAgentsMayAskNeedAPrice() throws {
        var (used, complex, idle) = (model([]), model([]), model([]))
        (used.name, complex.name, idle.name) = ("test-model", "complex", "idle")
        var agents = TestCatalogue.agents.agents
        agents[0].complexModels = ["complex"]
        let catalogue = AgentCatalogue(agents: agents, schemas: [:], inputs: InputManifest(kinds: [:]))
        #expect(
            catalogue.modelsWithoutPrice(among: [used, complex, idle], on: "2026-11-22") == ["test-model", "complex"])
        used.prices = [try price("2026-11-22", "1", "1", "1", "1")]
        #expect(catalogue.modelsWithoutPrice(among: [used, idle], on: "2026-11-22").isEmpty)
        #expect(catalogue.modelsWithoutPrice(among: [used, idle], on: "2026-11-21") == ["test-model"])
    }

    @Test func aTierMultipliesTheWholePriceAndIsRoundedOnce() throws {
        var model = model([try price("2026-01-01", "0.5", "0", "0", "0.1")])
        model.tiers = ["flex": try #require(Decimal6("0.5")), "default": try #require(Decimal6("3"))]
        // 1 * 0.5 + 5 * 0.1 = 1; half of it is rounded up.
        let usage = TokenUsage(uncachedInputTokens: 1, outputTokens: 5)
        #expect(model.cost(of: usage, tier: "flex", on: "2026-11-22").millionths == 1)
        #expect(model.cost(of: usage, tier: "default", on: "2026-11-22").millionths == 3)
        #expect(model.factor(ofTier: "standard") == .one && model.factor(ofTier: nil) == .one)
        #expect(model.factor(ofTier: "priority") == nil)
    }
}
