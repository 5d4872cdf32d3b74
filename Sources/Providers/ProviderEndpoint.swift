/// Where a provider is called and with which credential.
public struct ProviderEndpoint: Sendable {
    /// Without a slash at the end; for OpenAI it includes `/v1`, for Anthropic it does not, as in their SDKs.
    public let baseURL: String
    /// Goes into the provider's own header; if it is empty, there is no such header.
    public let apiKey: APIKey
    /// Whether this is the provider's own host, which gets nothing that it does not document.
    public let isDefaultHost: Bool

    /// OpenAI, or any server that speaks its API.
    public static func openAI(baseURL: String? = nil, apiKey: APIKey) -> ProviderEndpoint {
        ProviderEndpoint(baseURL: baseURL, standard: "https://api.openai.com/v1", apiKey: apiKey)
    }

    /// Anthropic, or any server that speaks its API.
    public static func anthropic(baseURL: String? = nil, apiKey: APIKey) -> ProviderEndpoint {
        ProviderEndpoint(baseURL: baseURL, standard: "https://api.anthropic.com", apiKey: apiKey)
    }

    private init(baseURL: String?, standard: String, apiKey: APIKey) {
        var url = baseURL.flatMap { $0.isEmpty ? nil : $0 } ?? standard
        while url.hasSuffix("/") { url.removeLast() }
        self.baseURL = url
        self.apiKey = apiKey
        isDefaultHost = Self.host(url) == Self.host(standard)
    }

    private static func host(_ url: String) -> String? {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        return parts[2].split(separator: "@").last?.split(separator: ":").first?.lowercased()
    }
}
