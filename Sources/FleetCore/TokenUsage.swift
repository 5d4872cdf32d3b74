/// Tokens of one call to a model, in kinds that do not overlap: each has a price of its own.
public struct TokenUsage: Sendable, Equatable {
    /// Prompt tokens that have nothing to do with the provider's prompt cache.
    public var uncachedInputTokens: Int
    /// Prompt tokens that were read from the provider's prompt cache.
    public var cacheReadTokens: Int
    /// Prompt tokens that were written to the provider's prompt cache.
    public var cacheWriteTokens: Int
    /// Tokens generated, reasoning included.
    public var outputTokens: Int
    /// The part of `outputTokens` that was reasoning; nil: not told apart.
    public var reasoningTokens: Int?

    /// A count in which everything is known: 0 stands for none. A count that is not known is no `TokenUsage`.
    public init(
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
    public var inputTokens: Int { uncachedInputTokens + cacheReadTokens + cacheWriteTokens }

    /// Input and output together.
    public var totalTokens: Int { inputTokens + outputTokens }
}

/// What a provider said about the tokens of one call. What it did not say is nil, never 0.
public struct ReportedUsage: Sendable, Equatable {
    /// Nil: nothing was said, or nothing that can be true.
    public var tokens: TokenUsage?
    /// `tokens` are those of the whole call. If not, the call was cut: its input is known, and its output is what it
    /// had come to so far.
    public var isFinal: Bool
    /// The service tier that answered, in the provider's word; it decides the price.
    public var serviceTier: String?
    /// The provider's own numbers disagree with each other.
    public var isContradictory: Bool

    /// The provider's count of a whole call; nil: it gave none.
    public init(
        _ tokens: TokenUsage? = nil, isFinal: Bool = true, serviceTier: String? = nil, isContradictory: Bool = false
    ) {
        self.tokens = tokens
        self.isFinal = isFinal
        self.serviceTier = serviceTier
        self.isContradictory = isContradictory
    }

    /// Nothing was said.
    public static let nothing = ReportedUsage()

    /// The count of the whole call, if there is one: the only count that proves what was used.
    public var finalTokens: TokenUsage? { isFinal ? tokens : nil }
}
