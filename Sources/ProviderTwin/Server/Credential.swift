import HTTPTypes

/// The key a request came with, reduced to a short hash: the secret itself is not kept.
enum Credential {
    /// `key-` and 12 hexadecimal digits; nil when the request has no key.
    static func shortHash(in headers: HTTPFields) -> String? {
        if let key = headers[optional: HeaderName.apiKey], !key.isEmpty { return hash(key) }
        guard let authorization = headers[.authorization] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return hash(String(parts[1]))
    }

    /// Why the provider does not take the request's key; nil: it does.
    ///
    /// Any key will do, unless it says of itself that it is wrong: it begins with `invalid`.
    static func problem(in headers: HTTPFields, for provider: Provider) -> ProviderFailure? {
        let bearer = headers[.authorization]?.split(separator: " ", maxSplits: 1)
        let token = bearer.flatMap { $0.count == 2 && $0[0].lowercased() == "bearer" ? String($0[1]) : nil }
        // Anthropic takes a token in OpenAI's place too, OpenAI knows no other.
        let key = provider == .anthropic ? headers[optional: HeaderName.apiKey] ?? token : token
        guard let key, !key.isEmpty else { return .missingKey(provider) }
        return key.hasPrefix("invalid") ? .wrongKey(provider) : nil
    }

    private static func hash(_ secret: String) -> String {
        "key-" + StableHash.of(0x6B65_7973, secret).hexadecimal.prefix(12)
    }
}
