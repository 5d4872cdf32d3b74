import Providers

/// Whether any AI provider can be called.
struct KeyCheck {
    private let fleet: FleetEnvironment

    init(_ fleet: FleetEnvironment) { self.fleet = fleet }

    var finding: Finding {
        let ways = ["OPENAI", "ANTHROPIC"].compactMap { provider -> String? in
            if fleet["\(provider)_API_KEY"] != nil { return "\(provider)_API_KEY is set" }
            guard let url = fleet["\(provider)_BASE_URL"], let endpoint = BaseURLCheck.endpoint(provider, fleet),
                url.hasPrefix("http"), !endpoint.isDefaultHost
            else { return nil }
            return "\(provider)_BASE_URL is \(endpoint.shown)"
        }
        return ways.isEmpty
            ? .problem(
                "providers", "no AI provider can be called from here",
                "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or use the twin: `mixmyai up`")
            : .fine("providers", ways.joined(separator: ", "))
    }
}
