/// One model of the catalogue: where it is called, what it accepts and what it costs.
package struct ModelSpec: Sendable, Equatable {
    /// Which wire format the model is called with.
    package enum API: String, Sendable, CaseIterable {
        case responses
        case chatCompletions = "chat_completions"
        case messages
    }

    /// What a request says about OpenAI's prompt cache.
    package enum CacheMode: String, Sendable, CaseIterable {
        /// Nothing is written but at marked places. We mark none: nothing is written, which costs extra, that nobody
        /// reads.
        case explicit
        /// The provider writes each prompt, at its own price.
        case implicit
        /// The field is not sent: for servers that do not know it.
        case notSent = "none"
    }

    /// What an endpoint can be made to keep to. What it takes no schema for finds the schema in the instructions.
    package enum ResponseFormat: String, Sendable, CaseIterable {
        case jsonSchema = "json_schema"
        /// JSON, of whatever shape.
        case jsonObject = "json_object"
        case none
    }

    /// How Chat Completions are told the longest answer.
    package enum TokenLimitParameter: String, Sendable, CaseIterable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
        /// The endpoint takes neither: its own limit holds.
        case notSent = "none"
    }

    /// Name in the catalogue; agents list it.
    package var name: String
    /// `openai` or `anthropic`.
    package var provider: String
    /// Decides how requests are built and how the stream is read.
    package var api: API
    /// Name sent to the provider.
    package var modelID: String
    /// Models of one class share their limits; the bucket is (provider, credential, class).
    package var limitClass: String
    /// Largest prompt, in tokens.
    package var maxInputTokens: Int
    /// Largest answer, in tokens; an agent may ask for less.
    package var maxOutputTokens: Int
    /// Whether `temperature` may be sent, and which value to send.
    package var temperature: Double?
    /// Reasoning effort to ask for, if the model takes one.
    package var effort: String?
    /// What the endpoint can be made to keep to.
    package var responseFormat: ResponseFormat
    /// Only for Chat Completions; nil: as OpenAI has it at OpenAI, as most compatible servers have it elsewhere.
    package var tokenLimit: TokenLimitParameter?
    /// Whether Chat Completions are asked for the call's usage (`stream_options`).
    package var asksForUsage: Bool
    /// Only the Responses API has a field for it.
    package var cacheMode: CacheMode
    /// Prices in force from a day on, oldest first.
    package var prices: [ModelPrice]
    /// Factors on all prices, by the service tier that a response reports. Tiers without one cost the price as it is.
    package var tiers: [String: Decimal6]

    package init(
        name: String, provider: String, api: API, modelID: String, limitClass: String, maxInputTokens: Int,
        maxOutputTokens: Int, temperature: Double? = nil, effort: String? = nil, supportsSchema: Bool = true,
        tokenLimit: TokenLimitParameter? = nil, asksForUsage: Bool = true, cacheMode: CacheMode? = nil,
        prices: [ModelPrice], tiers: [String: Decimal6] = [:]
    ) {
        self.name = name
        self.provider = provider
        self.api = api
        self.modelID = modelID
        self.limitClass = limitClass
        self.maxInputTokens = maxInputTokens
        self.maxOutputTokens = maxOutputTokens
        self.temperature = temperature
        self.effort = effort
        responseFormat = supportsSchema ? .jsonSchema : .none
        self.tokenLimit = tokenLimit
        self.asksForUsage = asksForUsage
        self.cacheMode = cacheMode ?? (api == .responses ? .explicit : .notSent)
        self.prices = prices
        self.tiers = tiers
    }

    /// Whether the endpoint takes a JSON schema; if not, the schema goes into the instructions.
    package var supportsSchema: Bool { responseFormat == .jsonSchema }
}

/// Prices of a model from a day on, in USD per million tokens, for prompts up to a size.
package struct ModelPrice: Sendable, Equatable {
    /// First day, `YYYY-MM-DD` in UTC.
    package var effectiveFrom: String
    /// Last day, `YYYY-MM-DD` in UTC; nil: until a later price takes over.
    package var validUntil: String?
    /// The price holds for prompts of at most this many tokens; nil: for all larger ones.
    package var upToInputTokens: Int?
    /// Prompt tokens outside the prompt cache.
    package var input: Decimal6
    /// Prompt tokens read from the prompt cache.
    package var cacheRead: Decimal6
    /// Prompt tokens written to the prompt cache.
    package var cacheWrite: Decimal6
    /// Generated tokens, reasoning included.
    package var output: Decimal6

    package init(
        effectiveFrom: String, validUntil: String? = nil, upToInputTokens: Int? = nil, input: Decimal6,
        cacheRead: Decimal6, cacheWrite: Decimal6, output: Decimal6
    ) {
        self.effectiveFrom = effectiveFrom
        self.validUntil = validUntil
        self.upToInputTokens = upToInputTokens
        self.input = input
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.output = output
    }
}

/// An exact decimal with six digits after the point: money in USD, and prices in USD per million tokens.
package struct Decimal6: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The value times one million.
    package var millionths: Int

    /// For amounts counted in millionths already: micro-dollars.
    package init(millionths: Int) {
        self.millionths = millionths
    }

    /// Reads `12`, `0.5` or `0.012345`; nil for anything else, more than six decimals and negative numbers included.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.allSatisfy({ $0.isASCII && $0.isNumber }),
            let wholeValue = Int(whole)
        else { return nil }
        var fraction = 0
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].count <= 6, parts[1].allSatisfy({ $0.isASCII && $0.isNumber }),
                let digits = Int(parts[1] + String(repeating: "0", count: 6 - parts[1].count))
            else { return nil }
            fraction = digits
        }
        let (scaled, overflow) = wholeValue.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return nil }
        millionths = scaled + fraction
    }

    /// No money; also the cost of a call whose model has no price.
    package static let zero = Decimal6(millionths: 0)
    /// The factor that changes nothing.
    package static let one = Decimal6(millionths: 1_000_000)

    /// Exact: both sides count the same millionths.
    package static func < (left: Decimal6, right: Decimal6) -> Bool { left.millionths < right.millionths }

    /// Exact; traps beyond nine trillion.
    package static func + (left: Decimal6, right: Decimal6) -> Decimal6 {
        Decimal6(millionths: left.millionths + right.millionths)
    }

    /// Always with six digits after the point: `0.012345`.
    package var description: String {
        let (whole, fraction) = abs(millionths).quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(fraction)
        return (millionths < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
