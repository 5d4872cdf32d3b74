/// The twin's own price list, standard tier, as of November 2026.
///
/// It repeats the fleet's catalogue on purpose: a bill that took its prices from there would agree with any mistake in
/// it.
enum PriceList {
    private static let million = 1_000_000

    /// The prices that hold for a prompt of this size on this day; before the first day, those of the first. Nil for a
    /// model that is not listed.
    static func price(of model: String, inputTokens: Int, on day: String) -> Price? {
        guard let prices = table[model] else { return nil }
        let start = prices.last { $0.from <= day }?.from ?? prices.first?.from
        let bands = prices.filter { $0.from == start }
        return bands.first { inputTokens <= $0.upToInputTokens ?? .max } ?? bands.last
    }

    /// Every model with a price.
    static var models: [String] { table.keys.sorted() }

    private static let table: [String: [Price]] = {
        // OpenAI, above 272,000 input tokens: input and cache twice, output one and a half times, for the whole call.
        func openAI(_ from: String, _ input: Int, _ read: Int, _ write: Int, _ output: Int) -> [Price] {
            [
                Price(
                    from: from, upToInputTokens: 272_000, input: input, cacheRead: read, cacheWrite: write,
                    output: output),
                Price(from: from, input: 2 * input, cacheRead: 2 * read, cacheWrite: 2 * write, output: output * 3 / 2),
            ]
        }
        func anthropic(_ from: String, _ input: Int, _ read: Int, _ write: Int, _ output: Int) -> Price {
            Price(from: from, input: input, cacheRead: read, cacheWrite: write, output: output)
        }
        return [
            "gpt-6.2-astra": openAI("2026-11-01", 8 * million, 400_000, 10 * million, 40 * million),
            "gpt-6-astra": openAI("2026-09-03", 10 * million, million, 12_500_000, 50 * million),
            "gpt-6.2-sol": openAI("2026-11-01", 2 * million, 100_000, 2_500_000, 10 * million),
            "gpt-6.1-sol": openAI("2026-09-29", 2 * million, 100_000, 2_500_000, 10 * million),
            "gpt-6.1-terra": openAI("2026-10-26", million, 50_000, 1_250_000, 5 * million),
            "gpt-6-luna": openAI("2026-09-22", 100_000, 10_000, 125_000, 500_000),
            "gpt-5.6-luna": openAI("2026-07-30", 200_000, 20_000, 250_000, 1_200_000),
            "claude-fable-5-2": [anthropic("2026-11-01", 8 * million, 200_000, 10 * million, 40 * million)],
            "claude-fable-5-1": [anthropic("2026-09-01", 10 * million, 250_000, 12_500_000, 50 * million)],
            "claude-opus-5-5": [anthropic("2026-09-22", 4 * million, 200_000, 5 * million, 20 * million)],
            "claude-sonnet-5-5": [
                anthropic("2026-09-28", 2 * million, 200_000, 2_500_000, 10 * million),
                anthropic("2026-10-07", 2 * million, 100_000, 2_500_000, 10 * million),
            ],
            "claude-haiku-5-5": [
                Price(
                    from: "2026-10-07", upToInputTokens: 100_000, input: 100_000, cacheRead: 10_000,
                    cacheWrite: 125_000, output: 500_000),
                anthropic("2026-10-07", 500_000, 50_000, 625_000, 2_500_000),
            ],
            "claude-haiku-4-5": [anthropic("2025-10-15", million, 100_000, 1_250_000, 5 * million)],
        ]
    }()
}
