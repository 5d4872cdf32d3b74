package import JSON

/// What a call waits for before it may be made.
package struct LimitWait: Sendable, Hashable {
    /// Which of the limits.
    package enum Cause: String, Sendable, CaseIterable {
        /// Requests or tokens per minute.
        case rate
        /// Calls at once.
        case concurrency
        /// The provider asked for a pause, or the limiter has lost its memory and waits for a moment.
        case pause
        /// Until a first answer has told the provider's limits only a few calls go out.
        case warmUp = "warm_up"
    }

    /// As in the model catalogue.
    package var provider: String
    /// The models' ``ModelSpec/limitClass``.
    package var limitClass: String
    package var cause: Cause

    package init(provider: String, limitClass: String, cause: Cause) {
        self.provider = provider
        self.limitClass = limitClass
        self.cause = cause
    }

    /// As a step's row says it.
    package var json: JSONValue {
        ["provider": .string(provider), "limit_class": .string(limitClass), "cause": .string(cause.rawValue)]
    }

    /// Nil for what a newer program has written and this one does not know, and for JSON's null.
    package init?(_ json: JSONValue) {
        guard let provider = json["provider"]?.string, let limitClass = json["limit_class"]?.string,
            let cause = json["cause"]?.string.flatMap(Cause.init(rawValue:))
        else { return nil }
        self.init(provider: provider, limitClass: limitClass, cause: cause)
    }
}
