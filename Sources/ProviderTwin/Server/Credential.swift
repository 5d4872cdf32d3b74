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

    private static func hash(_ secret: String) -> String {
        "key-" + StableHash.of(0x6B65_7973, secret).hexadecimal.prefix(12)
    }
}
