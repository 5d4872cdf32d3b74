import FleetCore
import FleetTesting
import Testing

/// From what a provider said of a call to what the books say of it.
@Suite struct CallAccountTests {
    private static let day = "2026-11-22"
    private static let used = TokenUsage(uncachedInputTokens: 1000, cacheReadTokens: 500, outputTokens: 100)

    private func account(
        _ reported: ReportedUsage, billed: Billed = .yes, isCounted: Bool = true, model: ModelSpec = TestCatalogue.model
    ) -> CallAccount {
        CallAccount(
            reported, of: model, on: Self.day, billed: billed, isCounted: isCounted,
            expected: TokenEstimate(inputTokens: 1200, outputTokens: 300),
            bound: TokenEstimate(inputTokens: 3000, outputTokens: 1000))
    }

    @Test func aReportedCallIsProved() {
        let account = account(ReportedUsage(Self.used))
        #expect(account.basis == .reported)
        #expect(account.counted == Self.used)
        // 1000 + 500 * 0.1 + 100 * 5
        #expect(account.cost == Decimal6(millionths: 1550))
        #expect(account.expectedCost == nil && account.hold == nil && account.estimate == nil)
        #expect(account.price?.id == "test-model/2026-01-01/max/none")
    }

    @Test func aCallOfWhichNothingWasToldIsEstimated() {
        let account = account(.nothing, billed: .unknown)
        #expect(account.basis == .estimated)
        #expect(account.usage == nil && account.cost == nil)
        #expect(account.counted == TokenUsage(uncachedInputTokens: 1200, outputTokens: 300))
        #expect(account.expectedCost == Decimal6(millionths: 2700))
        // Each prompt token as if it were written to the cache.
        #expect(account.hold == Decimal6(millionths: 8750))
    }

    @Test func ofACutCallTheInputIsKnownAndTheOutputNoLessThanSeen() {
        let short = account(ReportedUsage(Self.used, isFinal: false), billed: .unknown)
        #expect(short.basis == .estimated)
        #expect(
            short.counted == TokenUsage(uncachedInputTokens: 1000, cacheReadTokens: 500, outputTokens: 300))
        var long = Self.used
        (long.outputTokens, long.reasoningTokens) = (900, 800)
        let cut = account(ReportedUsage(long, isFinal: false), billed: .unknown)
        #expect(cut.counted.outputTokens == 900)
        #expect(cut.counted.reasoningTokens == nil)
    }

    @Test func whatIsCertainlyNotBilledCostsNothingAndCountsWhatItUsed() {
        let error = account(.nothing, billed: .no, isCounted: false)
        #expect(error == CallAccount(basis: .none, cost: .zero))
        #expect(error.counted == TokenUsage())
        let refusal = account(ReportedUsage(Self.used), billed: .no)
        #expect(refusal == CallAccount(basis: .none, usage: Self.used, cost: .zero))
        // Not billed, but the provider has counted it against the limit.
        let cut = account(.nothing, billed: .no)
        #expect(cut.basis == .none && cut.cost == .zero && cut.counted.totalTokens == 1500)
    }

    @Test func theTierThatAnsweredDecidesThePrice() {
        var model = TestCatalogue.model
        model.tiers = ["flex": Decimal6(millionths: 500_000), "priority": Decimal6(millionths: 2_000_000)]
        let flex = account(ReportedUsage(Self.used, serviceTier: "flex"), model: model)
        #expect(flex.cost == Decimal6(millionths: 775))
        #expect(flex.price?.id == "test-model/2026-01-01/max/flex")
        let unheardOf = account(ReportedUsage(Self.used, serviceTier: "warp"), model: model)
        #expect(unheardOf.cost == Decimal6(millionths: 1550))
        // Nobody knows which tier answered a call that was cut.
        #expect(account(.nothing, billed: .unknown, model: model).hold == Decimal6(millionths: 17_500))
    }

    /// Whatever was seen of a call, the bound is no less than the estimate.
    @Test func theBoundIsNeverBelowTheEstimate() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            func number(_ bound: Int) -> Int { Int.random(in: 0...bound, using: &generator) }
            let usage = TokenUsage(
                uncachedInputTokens: number(400_000), cacheReadTokens: number(9000), cacheWriteTokens: number(9000),
                outputTokens: number(3000))
            var model = TestCatalogue.model
            model.prices.insert(model.prices[0], at: 0)
            model.prices[0].upToInputTokens = 200_000
            model.prices[1].input = Decimal6(millionths: number(9_000_000))
            let account = CallAccount(
                ReportedUsage(number(1) == 0 ? usage : nil, isFinal: false), of: model, on: Self.day, billed: .unknown,
                expected: TokenEstimate(inputTokens: number(300_000), outputTokens: number(2000)),
                bound: TokenEstimate(inputTokens: number(300_000), outputTokens: number(2000)))
            #expect(account.hold ?? .zero >= account.expectedCost ?? .zero)
        }
    }

    @Test func aPriceCanBeReadAgainFromItsTexts() throws {
        let row = ModelPrice(
            effectiveFrom: "2026-09-22", upToInputTokens: 272_000, input: Decimal6(millionths: 100_000),
            cacheRead: Decimal6(millionths: 10_000), cacheWrite: Decimal6(millionths: 125_000),
            output: Decimal6(millionths: 500_000))
        for (model, tier) in [("gpt-6-luna", "flex"), ("org/local:7b", nil)] {
            let price = AppliedPrice(model: model, row: row, tier: tier, factor: Decimal6(millionths: 500_000))
            #expect(AppliedPrice(id: price.id, rates: price.rates) == price)
        }
        #expect(
            AppliedPrice(model: "m", row: row, tier: "flex", factor: .one).id == "m/2026-09-22/272000/flex")
        for (id, rates) in [
            ("", ""), ("m/2026/max", "1 1 1 1 x 1"), ("m/2026-01-01/many/none", "1 1 1 1 x 1"),
            ("m/2026-01-01/max/none", "1 1 1 x 1"), ("m/2026-01-01/max/none", "1 1 1 -1 x 1"),
        ] {
            #expect(AppliedPrice(id: id, rates: rates) == nil)
        }
    }
}
