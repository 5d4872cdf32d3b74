extension ModelSpec {
    /// What a call costs, exact to the millionth of a USD, half a millionth rounded up; nothing if the model has no
    /// price.
    ///
    /// - Parameters:
    ///   - tier: the service tier that the response reported.
    ///   - day: UTC day of the call as `YYYY-MM-DD`.
    package func cost(of usage: TokenUsage, tier: String? = nil, on day: String) -> Decimal6 {
        price(forInputTokens: usage.inputTokens, tier: tier, on: day)?.cost(of: usage) ?? .zero
    }

    /// The price of a call: nil only if the model has none.
    ///
    /// The size of the whole prompt, cached tokens included, chooses the band, and the band's prices hold for the whole
    /// call. A day before the first price takes the first price, and a day after the last one's end the last, so that
    /// neither a clock that is behind nor a list that is old makes a call free.
    package func price(forInputTokens tokens: Int, tier: String? = nil, on day: String) -> AppliedPrice? {
        let bands = prices(on: day)
        let row = bands.first { tokens <= $0.upToInputTokens ?? .max } ?? bands.last
        return row.map { AppliedPrice(model: name, row: $0, tier: tier, factor: factor(ofTier: tier) ?? .one) }
    }

    /// What a tier multiplies all prices with; nil if the catalogue does not say. What providers call their ordinary
    /// tier is 1.
    package func factor(ofTier tier: String?) -> Decimal6? {
        guard let tier else { return .one }
        return tiers[tier] ?? (Self.ordinaryTiers.contains(tier) ? .one : nil)
    }

    private static let ordinaryTiers: Set<String> = ["default", "standard", "auto"]

    /// Whether a price is in force on the day: it has begun and is still valid.
    package func hasPrice(on day: String) -> Bool {
        let bands = prices(on: day)
        return !bands.isEmpty && bands.allSatisfy { $0.effectiveFrom <= day && day <= $0.validUntil ?? day }
    }

    /// The most that a call within these bounds may cost: each prompt token in its dearest kind, in the dearest band
    /// that the prompt may reach, at the dearest tier unless it is known. Rounded up.
    ///
    /// - Parameter day: nil: whatever the day.
    package func highestCost(of bound: TokenEstimate, tier: String? = nil, on day: String? = nil) -> Decimal6 {
        let candidates = day.map { prices(on: $0) } ?? prices
        let reachable = candidates.indices.filter { index in
            guard index > 0, candidates[index - 1].effectiveFrom == candidates[index].effectiveFrom else { return true }
            return candidates[index - 1].upToInputTokens ?? .max < bound.inputTokens
        }.map { candidates[$0] }
        let dearestTier = tiers.values.max().map { max($0, .one) } ?? .one
        let tierFactor = tier.flatMap { factor(ofTier: $0) } ?? dearestTier
        return reachable.map { row in
            let input = max(row.input, row.cacheRead, row.cacheWrite)
            let perMillion =
                Int128(max(0, bound.inputTokens)) * Int128(input.millionths)
                + Int128(max(0, bound.outputTokens)) * Int128(row.output.millionths)
            return AppliedPrice.money(perMillion, times: tierFactor, rounding: .up)
        }.max() ?? .zero
    }

    /// All bands of the price that counts on a day.
    private func prices(on day: String) -> [ModelPrice] {
        let start = prices.last { $0.effectiveFrom <= day }?.effectiveFrom ?? prices.first?.effectiveFrom
        return prices.filter { $0.effectiveFrom == start }
    }
}
