/// Limits and what is left of them, as a provider's response headers reported them. Absent values were not sent.
package struct ReportedLimits: Sendable, Equatable {
    /// Calls per minute.
    package var requestLimit: Int?
    /// Calls left until the provider's window moves on.
    package var requestsRemaining: Int?
    /// Tokens per minute. OpenAI's single budget: input and output together.
    package var tokenLimit: Int?
    /// Left of `tokenLimit`.
    package var tokensRemaining: Int?
    /// Anthropic's budget for prompts, in tokens per minute.
    package var inputTokenLimit: Int?
    /// Left of `inputTokenLimit`.
    package var inputTokensRemaining: Int?
    /// Anthropic's budget for answers, in tokens per minute.
    package var outputTokenLimit: Int?
    /// Left of `outputTokenLimit`.
    package var outputTokensRemaining: Int?

    /// Nothing was reported.
    package init() {}
}
