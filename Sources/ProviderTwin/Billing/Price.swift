/// What a model costs from a day on, for prompts up to a size; in micro-dollars per million tokens.
struct Price: Sendable, Equatable {
    /// First UTC day, `YYYY-MM-DD`.
    var from: String
    /// Largest prompt, cached tokens included; nil for any size.
    var upToInputTokens: Int?
    var input: Int
    var cacheRead: Int
    var cacheWrite: Int
    var output: Int

    /// What the usage costs in micro-dollars, half a micro-dollar rounded up.
    ///
    /// - Parameter tier: OpenAI's flex tier costs half, its priority tier twice; every other tier costs the price.
    func cost(of usage: Usage, tier: String? = nil) -> Int {
        let total =
            usage.uncachedInput * input + usage.cacheRead * cacheRead + usage.cacheWrite * cacheWrite
            + usage.output * output
        let halves = tier == "flex" ? 1 : tier == "priority" ? 4 : 2
        return (total * halves + 1_000_000) / 2_000_000
    }
}
