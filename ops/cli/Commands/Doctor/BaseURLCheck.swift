import HTTPTransport
import Providers

/// Whether an AI API is served where OPENAI_BASE_URL and ANTHROPIC_BASE_URL say.
struct BaseURLCheck {
    private let fleet: FleetEnvironment

    init(_ fleet: FleetEnvironment) { self.fleet = fleet }

    /// The endpoint of a provider, `OPENAI` or `ANTHROPIC`, if its address is set.
    static func endpoint(_ provider: String, _ fleet: FleetEnvironment) -> ProviderEndpoint? {
        guard let url = fleet["\(provider)_BASE_URL"] else { return nil }
        let key = ProviderCredential(fleet["\(provider)_API_KEY"] ?? "none")
        return provider == "OPENAI" ? .openAI(baseURL: url, apiKey: key) : .anthropic(baseURL: url, apiKey: key)
    }

    /// One for each address that is set; their lists of models are asked for, which costs nothing.
    func findings() async -> [Finding] {
        let endpoints = ["OPENAI", "ANTHROPIC"].compactMap { provider in
            Self.endpoint(provider, fleet).map { (provider, $0) }
        }
        guard !endpoints.isEmpty else { return [] }
        var configuration = HTTPClientConfiguration()
        configuration.connectTimeout = .seconds(3)
        guard let client = try? HTTPClient(configuration: configuration) else { return [] }
        var findings: [Finding] = []
        for (provider, endpoint) in endpoints {
            let probe = EndpointProbe(endpoint, isAnthropic: provider == "ANTHROPIC")
            findings.append(Self.finding(endpoint, await probe.outcome(client: client)))
        }
        await client.shutdown()
        return findings
    }

    static func finding(_ endpoint: ProviderEndpoint, _ outcome: EndpointProbe.Outcome) -> Finding {
        let setting = endpoint.setting
        switch outcome {
        case .serves: return .fine(setting, "\(endpoint.shown) serves models")
        case .refusesKey:
            let key = setting.replacing("BASE_URL", with: "API_KEY")
            return .problem(setting, "\(endpoint.shown) refuses the key", "set \(key) to a key that it takes")
        case .servesAt(let other):
            return .problem(
                setting, "\(endpoint.shown) serves no models, every call would end in 404", "set \(setting)=\(other)")
        case .unclear(let hint):
            return .fine(setting, "\(endpoint.shown) answers, but lists no models; if calls end in 404: \(hint)")
        case .unreachable(let reason):
            return .problem(setting, reason, "start the server, or correct \(setting)")
        }
    }
}
