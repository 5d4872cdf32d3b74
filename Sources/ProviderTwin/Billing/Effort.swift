/// How much a model reasons before it answers.
enum Effort {
    /// Reasoning tokens for each hundred tokens of the answer.
    private static let shares = [
        "none": 0, "minimal": 10, "low": 25, "medium": 40, "high": 60, "xhigh": 80, "max": 100,
    ]

    /// The reasoning tokens of an answer; none without an effort.
    static func reasoningTokens(_ effort: String?, visibleTokens: Int) -> Int {
        let share = effort.flatMap { shares[$0] } ?? 0
        return (visibleTokens * share + 99) / 100
    }
}
