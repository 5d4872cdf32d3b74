/// Where a provider is called and with which credential.
package struct ProviderEndpoint: Sendable {
    /// Without a slash at the end and without a query; for OpenAI it includes `/v1`, for Anthropic it does not, as in
    /// their SDKs. What people often write behind it is taken off: the path of a call, Anthropic's `/v1`.
    package let baseURL: String
    /// The setting that names it.
    package let setting: String
    /// Goes into the provider's own header; if it is empty, there is no such header.
    package let apiKey: ProviderCredential
    /// Whether this is the provider's own host, which gets nothing that it does not document.
    package let isDefaultHost: Bool
    /// With its question mark; goes to the end of each address, such as `?api-version=2026-10-01`.
    private let query: String
    /// The provider's own address.
    package let standard: String

    /// OpenAI, or any server that speaks its API.
    package static func openAI(baseURL: String? = nil, apiKey: ProviderCredential) -> ProviderEndpoint {
        ProviderEndpoint(
            baseURL: baseURL, standard: "https://api.openai.com/v1", setting: "OPENAI_BASE_URL",
            endings: ["/chat/completions", "/responses", "/completions", "/models"], apiKey: apiKey)
    }

    /// Anthropic, or any server that speaks its API.
    package static func anthropic(baseURL: String? = nil, apiKey: ProviderCredential) -> ProviderEndpoint {
        ProviderEndpoint(
            baseURL: baseURL, standard: "https://api.anthropic.com", setting: "ANTHROPIC_BASE_URL",
            endings: ["/v1/messages", "/v1/models", "/v1"], apiKey: apiKey)
    }

    private init(
        baseURL: String?, standard: String, setting: String, endings: [String], apiKey: ProviderCredential
    ) {
        let given = baseURL.flatMap { $0.isEmpty ? nil : $0 } ?? standard
        let whole = given.prefix { $0 != "#" }
        var url = String(whole.prefix { $0 != "?" })
        Self.dropSlashes(&url)
        if let ending = endings.first(where: url.hasSuffix) { url.removeLast(ending.count) }
        Self.dropSlashes(&url)
        self.baseURL = url
        let query = whole.dropFirst(whole.prefix { $0 != "?" }.count)
        self.query = query.count > 1 ? String(query) : ""
        self.setting = setting
        self.standard = standard
        self.apiKey = apiKey
        isDefaultHost = Self.host(url) == Self.host(standard)
    }

    /// The address of a path below the base.
    package func url(_ path: String) -> String { baseURL + path + query }

    /// The address without what may be a credential.
    package var shown: String {
        let parts = baseURL.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return "no address" }
        let host = parts[2].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return ([parts[0], "", host] + parts.dropFirst(3)).joined(separator: "/")
    }

    /// What to look at if nothing is served there.
    package var hint: String {
        let isOpenAI = standard.hasSuffix("/v1")
        let path = shown.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).joined()
        if isDefaultHost && shown != standard { return "\(setting) is \(shown): set it to \(standard)" }
        if isOpenAI && !path.contains("v1") { return "\(setting) is \(shown): most servers want \(shown)/v1" }
        return "check \(setting), which is \(shown)"
    }

    /// Whether this is the provider's own address.
    var isStandard: Bool { baseURL == standard }

    /// The same with the version in its path; nil if there is one.
    var withVersion: ProviderEndpoint? {
        guard !baseURL.split(separator: "/").dropFirst(2).contains("v1") else { return nil }
        return ProviderEndpoint(
            baseURL: url("/v1"), standard: standard, setting: setting, endings: [], apiKey: apiKey)
    }

    private static func dropSlashes(_ url: inout String) {
        while url.hasSuffix("/") { url.removeLast() }
    }

    private static func host(_ url: String) -> String? {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        return parts[2].split(separator: "@").last?.split(separator: ":").first?.lowercased()
    }
}
