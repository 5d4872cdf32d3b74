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
    func cost(of usage: Usage) -> Int {
        let total =
            usage.uncachedInput * input + usage.cacheRead * cacheRead + usage.cacheWrite * cacheWrite
            + usage.output * output
        return (total + 500_000) / 1_000_000
    }
}
