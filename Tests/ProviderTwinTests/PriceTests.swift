import Testing

@testable import ProviderTwin

struct PriceTests {
    private static let million = 1_000_000

    @Test func everyClassOfTokensHasItsPrice() throws {
        let price = try #require(PriceList.price(of: "gpt-6.1-terra", inputTokens: 4000, on: "2026-11-26"))
        let usage = Usage(uncachedInput: 1000, cacheRead: 2000, cacheWrite: 1000, output: 500, reasoning: 100)
        // 1000 x 1 + 2000 x 0.05 + 1000 x 1.25 + 500 x 5 micro-dollars.
        #expect(price.cost(of: usage) == 1000 + 100 + 1250 + 2500)
    }

    @Test func halfAMicroDollarIsRoundedUp() {
        let price = Price(from: "", input: 500_000, cacheRead: 1, cacheWrite: 0, output: 0)
        #expect(price.cost(of: Usage(uncachedInput: 1)) == 1)
        #expect(price.cost(of: Usage(uncachedInput: 2)) == 1)
        #expect(price.cost(of: Usage(uncachedInput: 3)) == 2)
        #expect(price.cost(of: Usage(cacheRead: 499_999)) == 0)
        #expect(price.cost(of: Usage()) == 0)
    }

    @Test func tiersHaveTheirFactor() {
        let price = Price(from: "", input: 1_000_000, cacheRead: 0, cacheWrite: 0, output: 0)
        let usage = Usage(uncachedInput: 101)
        for (tier, cost) in [("default", 101), ("standard", 101), ("flex", 51), ("priority", 202)] {
            #expect(price.cost(of: usage, tier: tier) == cost)
        }
    }

    @Test func theWholePromptChoosesTheBand() {
        let day = "2026-11-26"
        #expect(PriceList.price(of: "gpt-6-luna", inputTokens: 272_000, on: day)?.input == 100_000)
        #expect(PriceList.price(of: "gpt-6-luna", inputTokens: 272_001, on: day)?.input == 200_000)
        #expect(PriceList.price(of: "gpt-6-luna", inputTokens: 272_001, on: day)?.output == 750_000)
        #expect(PriceList.price(of: "claude-haiku-5-5", inputTokens: 100_000, on: day)?.output == 500_000)
        #expect(PriceList.price(of: "claude-haiku-5-5", inputTokens: 100_001, on: day)?.output == 2_500_000)
        #expect(PriceList.price(of: "claude-opus-5-5", inputTokens: 900_000, on: day)?.input == 4 * Self.million)
    }

    @Test func theDayChoosesThePrice() {
        for (day, read) in [("2026-09-01", 200_000), ("2026-10-06", 200_000), ("2026-10-07", 100_000)] {
            #expect(PriceList.price(of: "claude-sonnet-5-5", inputTokens: 1, on: day)?.cacheRead == read)
        }
    }

    @Test func theNewModelsAreListed() {
        let day = "2026-11-26"
        let prices = ["gpt-6.2-astra", "gpt-6.2-sol", "claude-fable-5-2"].map { model in
            let price = PriceList.price(of: model, inputTokens: 1, on: day)
            return [price?.input, price?.cacheRead, price?.cacheWrite, price?.output].map { $0 ?? 0 }
        }
        #expect(prices[0] == [8 * Self.million, 400_000, 10 * Self.million, 40 * Self.million])
        #expect(prices[1] == [2 * Self.million, 100_000, 2_500_000, 10 * Self.million])
        #expect(prices[2] == [8 * Self.million, 200_000, 10 * Self.million, 40 * Self.million])
        #expect(PriceList.price(of: "gpt-4", inputTokens: 1, on: day) == nil)
        #expect(PriceList.models.count == 13)
    }
}
