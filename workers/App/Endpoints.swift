import FleetBoot
import FleetCore
import Providers

/// The AI providers as the settings describe them.
struct Endpoints {
    /// By provider name; only those that can be called.
    var endpoints: [String: ProviderEndpoint] = [:]
    /// A short digest of each credential: names its rate-limit buckets without telling it.
    var credentials: [String: String] = [:]

    /// - Throws: if no provider can be called at all.
    init(_ settings: Settings) throws(BootError) {
        try add(
            "openai", key: settings.text("OPENAI_API_KEY"), url: settings.text("OPENAI_BASE_URL"),
            make: ProviderEndpoint.openAI)
        try add(
            "anthropic", key: settings.text("ANTHROPIC_API_KEY"), url: settings.text("ANTHROPIC_BASE_URL"),
            make: ProviderEndpoint.anthropic)
        guard !endpoints.isEmpty else {
            throw BootError(
                .missingKey,
                "no AI provider can be called: set OPENAI_API_KEY or ANTHROPIC_API_KEY (or OPENAI_BASE_URL "
                    + "of a compatible server)")
        }
    }

    private mutating func add(
        _ provider: String, key: String?, url: String?, make: (String?, ProviderCredential) -> ProviderEndpoint
    ) throws(BootError) {
        if let url, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            throw BootError(
                .setting, "\(provider.uppercased())_BASE_URL must begin with http:// or https://")
        }
        // A compatible server of one's own may need no key.
        guard key != nil || url != nil else { return }
        let key = key.map { ProviderCredential($0) }
        endpoints[provider] = make(url, key ?? ProviderCredential("none"))
        // Of the key as it is sent: with a line end around it, it is the same account.
        credentials[provider] = key?.digest ?? ProviderCredential.digest(url ?? "")
    }

    /// Real money is not spent on a model that nobody knows the price of. What a server of one's own costs nobody else
    /// can know.
    func checkPrices(_ agents: AgentCatalogue, _ models: [ModelSpec], on day: String) throws(BootError) {
        let live = models.filter { endpoints[$0.provider]?.isDefaultHost ?? false }
        let unpriced = agents.modelsWithoutPrice(among: live, on: day)
        guard !unpriced.isEmpty else { return }
        throw BootError(
            .modelCatalogue,
            "MIXMYAI_MODELS: no price is in force on \(day) for \(unpriced.joined(separator: ", ")): add the provider's "
                + "present prices, or list other models in the agent catalogue")
    }

    /// Leaves only models whose provider can be called; every agent must keep at least one.
    func usable(_ catalogue: AgentCatalogue, _ models: [ModelSpec]) throws(BootError) -> AgentCatalogue {
        let callable = Set(models.filter { endpoints[$0.provider] != nil }.map(\.name))
        var agents = catalogue.agents
        for index in agents.indices {
            let wanted = agents[index].models
            agents[index].models = wanted.filter(callable.contains)
            agents[index].complexModels = agents[index].complexModels.filter(callable.contains)
            if agents[index].models.isEmpty {
                let providers = Set(
                    models.filter { wanted.contains($0.name) }.map { "\($0.provider.uppercased())_API_KEY" })
                throw BootError(
                    .missingKey,
                    "agent '\(agents[index].type)' has no model that can be called: set "
                        + "\(providers.sorted().joined(separator: " or ")), or list another model for it")
            }
        }
        return AgentCatalogue(agents: agents, schemas: catalogue.schemas, inputs: catalogue.inputs)
    }
}
