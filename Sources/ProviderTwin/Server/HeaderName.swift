import HTTPTypes

/// Header names that are not in the standard list, parsed once.
enum HeaderName {
    static let apiKey = HTTPField.Name("x-api-key")
    static let anthropicVersion = HTTPField.Name("anthropic-version")
    static let agent = HTTPField.Name("x-mixmyai-agent")
    static let idempotencyKey = HTTPField.Name("idempotency-key")
    static let openAIRequestID = HTTPField.Name("x-request-id")
    static let anthropicRequestID = HTTPField.Name("request-id")
    static let openAIVersion = HTTPField.Name("openai-version")
}

extension HTTPFields {
    /// The value of a header whose name was parsed at start.
    subscript(optional name: HTTPField.Name?) -> String? {
        get { name.flatMap { self[$0] } }
        set { if let name { self[name] = newValue } }
    }
}
