/// Tokens of one call to a model, in kinds that do not overlap: each has a price of its own.
package struct TokenUsage: Sendable, Equatable {
    /// Prompt tokens that have nothing to do with the provider's prompt cache.
    package var uncachedInputTokens: Int
    /// Prompt tokens that were read from the provider's prompt cache.
    package var cacheReadTokens: Int
    /// Prompt tokens that were written to the provider's prompt cache.
    package var cacheWriteTokens: Int
    /// Tokens generated, reasoning included.
    package var outputTokens: Int
    /// The part of `outputTokens` that was reasoning; nil: not told apart.
    package var reasoningTokens: Int?

    /// A count in which everything is known: 0 stands for none. A count that is not known is no `TokenUsage`.
    package init(
        uncachedInputTokens: Int = 0, cacheReadTokens: Int = 0, cacheWriteTokens: Int = 0, outputTokens: Int = 0,
        reasoningTokens: Int? = nil
    ) {
        self.uncachedInputTokens = uncachedInputTokens
        self.cacheReadTokens = cacheReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
    }

    /// All tokens of the prompt, whatever they have to do with the cache.
    package var inputTokens: Int { uncachedInputTokens + cacheReadTokens + cacheWriteTokens }

    /// Input and output together.
    package var totalTokens: Int { inputTokens + outputTokens }
}

/// What a provider said about the tokens of one call. What it did not say is nil, never 0.
package struct ReportedUsage: Sendable, Equatable {
    /// Nil: nothing was said, or nothing that can be true.
    package var tokens: TokenUsage?
    /// `tokens` are those of the whole call. If not, the call was cut: its input is known, and its output is what it
    /// had come to so far.
    package var isFinal: Bool
    /// The service tier that answered, in the provider's word; it decides the price.
    package var serviceTier: String?
    /// The provider's own numbers disagree with each other.
    package var isContradictory: Bool

    /// The provider's count of a whole call; nil: it gave none.
    package init(
        _ tokens: TokenUsage? = nil, isFinal: Bool = true, serviceTier: String? = nil, isContradictory: Bool = false
    ) {
        self.tokens = tokens
        self.isFinal = isFinal
        self.serviceTier = serviceTier
        self.isContradictory = isContradictory
    }

    /// Nothing was said.
    package static let nothing = ReportedUsage()

    /// The count of the whole call, if there is one: the only count that proves what was used.
    package var finalTokens: TokenUsage? { isFinal ? tokens : nil }
}
