import FleetCore
import Testing

@Suite struct ModelCostTests {
    private func price(
        _ day: String, upTo: Int? = nil, _ input: String, _ read: String, _ write: String, _ output: String
    ) throws -> ModelPrice {
        ModelPrice(
            effectiveFrom: day, upToInputTokens: upTo, input: try #require(Decimal6(input)),
            cacheRead: try #require(Decimal6(read)), cacheWrite: try #require(Decimal6(write)),
            output: try #require(Decimal6(output)))
    }

    private func model(_ prices: [ModelPrice]) -> ModelSpec {
        ModelSpec(
            name: "m", provider: "openai", api: .responses, modelID: "m", limitClass: "m", maxInputTokens: 1000,
            maxOutputTokens: 1000, prices: prices)
    }

    @Test func cachedTokensHaveTheirOwnPrices() throws {
        let model = model([try price("2026-01-01", "2", "0.1", "2.5", "10")])
        let usage = TokenUsage(inputTokens: 1000, cacheReadTokens: 600, cacheWriteTokens: 100, outputTokens: 50)
        // 300 * 2 + 600 * 0.1 + 100 * 2.5 + 50 * 10 = 1410 millionths
        #expect(model.cost(of: usage, on: "2026-11-22") == Decimal6(millionths: 1410))
    }

    @Test func halfAMillionthIsRoundedUp() throws {
        let model = model([try price("2026-01-01", "0.5", "0", "0", "0.1")])
        #expect(model.cost(of: TokenUsage(inputTokens: 1), on: "2026-11-22").millionths == 1)
        #expect(model.cost(of: TokenUsage(outputTokens: 4), on: "2026-11-22").millionths == 0)
        #expect(model.cost(of: TokenUsage(outputTokens: 5), on: "2026-11-22").millionths == 1)
    }

    @Test func bandIsChosenByThePromptAndHoldsForTheWholeCall() throws {
        let model = model([
            try price("2026-10-26", upTo: 272_000, "0.10", "0.01", "0.125", "0.50"),
            try price("2026-10-26", "0.20", "0.02", "0.25", "0.75"),
        ])
        #expect(
            model.cost(of: TokenUsage(inputTokens: 272_000, outputTokens: 1000), on: "2026-11-22").description
                == "0.027700")
        #expect(
            model.cost(of: TokenUsage(inputTokens: 272_001, outputTokens: 1000), on: "2026-11-22").description
                == "0.055150")
        let cached = TokenUsage(inputTokens: 272_001, cacheReadTokens: 272_001)
        #expect(model.cost(of: cached, on: "2026-11-22").millionths == 5440)
    }

    @Test func priceIsTheOneInForceOnTheDay() throws {
        let model = model([
            try price("2026-09-01", "1", "0", "0", "0"), try price("2026-10-07", upTo: 10, "2", "0", "0", "0"),
            try price("2026-10-07", "3", "0", "0", "0"),
        ])
        let usage = TokenUsage(inputTokens: 100)
        #expect(model.cost(of: usage, on: "2026-08-31").millionths == 100)
        #expect(model.cost(of: usage, on: "2026-10-06").millionths == 100)
        #expect(model.cost(of: usage, on: "2026-10-07").millionths == 300)
        #expect(model.cost(of: TokenUsage(inputTokens: 10), on: "2027-01-01").millionths == 20)
    }

    @Test func absurdUsageDoesNotTrap() throws {
        let model = model([try price("2026-01-01", "10000", "1", "1", "10000")])
        let usage = TokenUsage(inputTokens: .max, cacheReadTokens: -5, outputTokens: .max / 2)
        #expect(model.cost(of: usage, on: "2026-11-22").millionths > 0)
    }
}
