package import JSON

/// Limits of a bucket set, per minute; nil: unlimited.
package struct RateLimits: Sendable, Hashable {
    /// Calls per minute.
    package var requests: Int?
    /// Input and output together, as OpenAI counts.
    package var tokens: Int?
    /// Prompt tokens per minute, as Anthropic counts.
    package var inputTokens: Int?
    /// Generated tokens per minute, as Anthropic counts.
    package var outputTokens: Int?
    /// Calls in flight.
    package var concurrency: Int?

    /// What is left out is unlimited.
    package init(
        requests: Int? = nil, tokens: Int? = nil, inputTokens: Int? = nil, outputTokens: Int? = nil,
        concurrency: Int? = nil
    ) {
        self.requests = requests
        self.tokens = tokens
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.concurrency = concurrency
    }

    /// By the names of their columns, in the order of these.
    package var columns: [(name: String, value: Int?)] {
        [
            ("requests_per_minute", requests), ("tokens_per_minute", tokens), ("input_tokens_per_minute", inputTokens),
            ("output_tokens_per_minute", outputTokens), ("concurrency", concurrency),
        ]
    }

    /// An object; null: unlimited.
    package var json: JSONObject {
        var object = JSONObject()
        for (name, value) in columns { object[name] = value.map { .integer($0) } ?? .null }
        return object
    }

    /// The limits of a class: its own row, else the one for all of the provider's classes, else the specification's.
    ///
    /// - Parameter row: what operators have set for a class of the provider; nil: nothing.
    package static func inForce(
        provider: String, limitClass: String, _ row: (String) -> RateLimits?
    ) -> RateLimits {
        row(limitClass) ?? row(LimitSetting.allClasses) ?? specified(for: provider)
    }

    /// The specification's limits (section "AI API Rate Limiting"; concurrency from "Global System Rate Limiting").
    package static func specified(for provider: String) -> RateLimits {
        switch provider {
        case "openai": RateLimits(requests: 3500, tokens: 90_000, concurrency: 100)
        case "anthropic": RateLimits(requests: 50, tokens: 100_000, concurrency: 100)
        default: RateLimits(requests: 50, tokens: 90_000, concurrency: 100)
        }
    }
}
