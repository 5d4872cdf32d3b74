extension ModelSpec {
    /// What a call costs, exact to the millionth of a USD, half a millionth rounded up.
    ///
    /// Cached tokens have their own prices. The size of the whole prompt, cached tokens included, chooses the band,
    /// and the band's prices hold for the whole call.
    /// - Parameter day: UTC day of the call as `YYYY-MM-DD`; a day before the first price takes the first price, so
    ///   that a clock that is behind makes no call free.
    public func cost(of usage: TokenUsage, on day: String) -> Decimal6 {
        guard let price = price(forInputTokens: usage.inputTokens, on: day) else { return .zero }
        // Token counts come from outside: 128 bits hold any sum and product of them.
        func tokens(_ count: Int) -> Int128 { Int128(max(0, count)) }
        let cached = tokens(usage.cacheReadTokens) + tokens(usage.cacheWriteTokens)
        let fresh = max(0, tokens(usage.inputTokens) - cached)
        let total =
            fresh * Int128(price.input.millionths)
            + tokens(usage.cacheReadTokens) * Int128(price.cacheRead.millionths)
            + tokens(usage.cacheWriteTokens) * Int128(price.cacheWrite.millionths)
            + tokens(usage.outputTokens) * Int128(price.output.millionths)
        return Decimal6(millionths: Int(clamping: (total + 500_000) / 1_000_000))
    }

    /// The prices that hold for a prompt of this size on this day; nil only if the model has none.
    public func price(forInputTokens tokens: Int, on day: String) -> ModelPrice? {
        let start = prices.last { $0.effectiveFrom <= day }?.effectiveFrom ?? prices.first?.effectiveFrom
        let bands = prices.filter { $0.effectiveFrom == start }
        return bands.first { tokens <= $0.upToInputTokens ?? .max } ?? bands.last
    }
}
