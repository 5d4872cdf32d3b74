/// The price that a call was charged by: a row of the model catalogue, times the factor of the call's service tier.
///
/// As the two texts ``id`` and ``rates`` it stands in the ledger beside every cost: a cost can be computed again years
/// later, from its row alone, whatever the catalogue says by then.
package struct AppliedPrice: Sendable, Equatable {
    /// How the last millionth comes about.
    enum Rounding { case half, up }

    /// Name in the model catalogue.
    package var model: String
    /// The catalogue's row: first day, band, prices.
    package var row: ModelPrice
    /// The service tier as the response reported it; nil if it reported none.
    package var tier: String?
    /// What the tier multiplies all prices with.
    package var factor: Decimal6

    package init(model: String, row: ModelPrice, tier: String?, factor: Decimal6) {
        self.model = model
        self.row = row
        self.tier = tier
        self.factor = factor
    }

    /// Names the price: model, first day, largest prompt of its band (`max`: no bound), tier (`none`: not reported),
    /// such as `gpt-6-luna/2026-09-22/272000/default`.
    package var id: String {
        let band = row.upToInputTokens.map(String.init) ?? "max"
        return "\(model)/\(row.effectiveFrom)/\(band)/\(tier ?? "none")"
    }

    /// USD per million tokens: input, cache read, cache write, output, and the factor, such as
    /// `0.100000 0.010000 0.125000 0.500000 x 1.000000`.
    package var rates: String { "\(row.input) \(row.cacheRead) \(row.cacheWrite) \(row.output) x \(factor)" }

    /// Reads what ``id`` and ``rates`` have written; nil for anything else.
    package init?(id: String, rates: String) {
        let names = id.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = rates.split(separator: " ", omittingEmptySubsequences: false)
        guard names.count >= 4, numbers.count == 6, numbers[4] == "x" else { return nil }
        let (tier, band, day) = (names[names.count - 1], names[names.count - 2], names[names.count - 3])
        let amounts = [0, 1, 2, 3, 5].compactMap { Decimal6(numbers[$0]) }
        guard amounts.count == 5, band == "max" || Int(band) != nil else { return nil }
        model = names.dropLast(3).joined(separator: "/")
        row = ModelPrice(
            effectiveFrom: String(day), upToInputTokens: Int(band), input: amounts[0], cacheRead: amounts[1],
            cacheWrite: amounts[2], output: amounts[3])
        self.tier = tier == "none" ? nil : String(tier)
        factor = amounts[4]
    }

    /// What tokens cost, exact to the millionth of a USD, half a millionth rounded up.
    package func cost(of usage: TokenUsage) -> Decimal6 {
        // Token counts come from outside: 128 bits hold any sum and product of them.
        func price(_ tokens: Int, _ rate: Decimal6) -> Int128 { Int128(max(0, tokens)) * Int128(rate.millionths) }
        let perMillion =
            price(usage.uncachedInputTokens, row.input) + price(usage.cacheReadTokens, row.cacheRead)
            + price(usage.cacheWriteTokens, row.cacheWrite) + price(usage.outputTokens, row.output)
        return Self.money(perMillion, times: factor, rounding: .half)
    }

    /// Tokens times millionths per million tokens, as money.
    static func money(_ perMillion: Int128, times factor: Decimal6, rounding: Rounding) -> Decimal6 {
        let whole: Int128 = 1_000_000_000_000
        let rest = rounding == .half ? whole / 2 : whole - 1
        return Decimal6(millionths: Int(clamping: (perMillion * Int128(factor.millionths) + rest) / whole))
    }
}
