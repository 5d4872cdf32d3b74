/// What a call will take, as far as one can know before it.
package struct TokenEstimate: Sendable, Equatable {
    /// Prompt tokens, cached ones included.
    package var inputTokens: Int
    /// Generated tokens; at most what the request allows.
    package var outputTokens: Int

    /// A guess from what earlier calls have used.
    package init(inputTokens: Int, outputTokens: Int) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// What a call that is over has used: no guess any more.
    package init(_ usage: TokenUsage) {
        self.init(inputTokens: usage.inputTokens, outputTokens: usage.outputTokens)
    }
}
